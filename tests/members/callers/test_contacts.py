"""Another e-mail or phone: after a code to the old one, or by two supervisors; told, and followed by a hold on spending."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail

from loyalty.kernel import clock, outbox, scope
from loyalty.kernel.models import AuditRecord, Proposal
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import services as activity
from members.callers import sending
from members.callers import services as callers
from members.ledger import transfers
from members.ledger.models import Hold
from members.profiles import details, restraining
from members.profiles import queries as profiles
from members.profiles import services as members
from members.profiles.models import ContactChange, Member
from members.profiles.services import PersonChanges
from members.till import acts
from programs.setup.models import Program
from rewards.catalog.models import Reward
from rewards.redemption.models import Redemption
from tests.members.desk.room import EMAIL, NOW, PHONE, purchase, scoped

NEW = "new@example.com"


def key_of(number: str) -> int:
    """The key of the member with a number."""
    return Member.objects.get(number=number).pk


def page(room) -> str:
    return f"{room.page}contact/change/"


def send(room, client, **values):
    sent = {"email": NEW, "phone": "", "note": "", "_program": room.world.program_id, **values}
    return client.post(page(room), sent, follow=True)


def deliver(room) -> None:
    with scoped(room):
        outbox.deliver_due()


def prove(room, client) -> None:
    """Have a code sent and tell it."""
    address = f"/admin/callers/{room.member.public_id}/check/"
    client.post(address, {"way": "send", "_program": room.world.program_id})
    deliver(room)
    code = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    client.post(address, {"way": "code", "code": code, "_program": room.world.program_id})


def contact(room) -> tuple[str, str]:
    with scoped(room):
        found = details.details(room.member.pk, in_clear=True)
        return found.email, found.phone


def changes(room) -> list[ContactChange]:
    with scoped(room):
        return list(ContactChange.objects.order_by("pk"))


def redeem(room, client):
    with scoped(room):
        reward = Reward.objects.get(code="MUG")
    address = f"/admin/redemptions/members/{room.member.public_id}/rewards/{reward.public_id}/"
    return client.post(address, {"quantity": 1, "request_key": "k", "_program": room.world.program_id})


def redemptions(room) -> int:
    with scoped(room):
        return Redemption.objects.count()


class TestByCode:
    def test_without_a_code_nothing_changes(self, room, client):
        room.sign_in(client, "agent")

        answer = send(room, client)

        assert "Send a code to the address known so far" in answer.content.decode()
        assert (contact(room), changes(room)) == ((EMAIL, PHONE), [])

    def test_two_facts_are_no_code(self, room, client):
        room.check_caller_of(room.sign_in(client, "agent"))

        answer = send(room, client)

        assert "Send a code to the address known so far" in answer.content.decode()
        assert (contact(room), changes(room)) == ((EMAIL, PHONE), [])

    def test_an_agent_cannot_ask_a_supervisor_instead(self, room, client):
        room.sign_in(client, "agent")

        send(room, client, ask="yes")

        with scoped(room):
            assert not Proposal.objects.exists()

    def test_after_the_code_it_is_changed_and_the_old_address_is_told_once(self, room, client):
        agent = room.sign_in(client, "agent")
        prove(room, client)

        answer = send(room, client)
        deliver(room)
        with scoped(room), unit_of_work():
            change = ContactChange.objects.get()
            sending.tell_change(type("Event", (), {"subject_id": change.pk})())

        assert "Changed. The address known before is told." in answer.content.decode()
        assert contact(room) == (NEW, PHONE)
        assert [one.to for one in mail.outbox if "have changed" in one.subject] == [[EMAIL]]
        assert (change.parts, change.actor_label, change.tell_sealed) == (["email"], str(agent), None)
        assert change.held_until - change.changed_at == timedelta(hours=72)
        with scoped(room):
            kept = AuditRecord.objects.filter(action="member.changed").get()
        assert NEW not in str(kept.changes)

    def test_a_code_to_the_address_before_opens_no_second_change(self, room, client):
        room.sign_in(client, "agent")
        prove(room, client)
        send(room, client)

        answer = send(room, client, email="third@example.com")

        assert "Send a code to the address known so far" in answer.content.decode()
        assert contact(room) == (NEW, PHONE)

    def test_the_same_address_again_is_no_change(self, room, client):
        room.sign_in(client, "agent")
        prove(room, client)

        send(room, client, email=EMAIL.upper())

        assert (contact(room), changes(room)) == ((EMAIL, PHONE), [])

    @pytest.mark.parametrize(
        ("values", "words"),
        [({"email": "nobody"}, "valid email"), ({"phone": "no"}, "not a phone number"), ({"email": ""}, "Fill in")],
    )
    def test_what_cannot_be_one_is_refused(self, room, client, values, words):
        room.sign_in(client, "agent")
        prove(room, client)

        answer = send(room, client, **values)

        assert words in answer.content.decode()
        assert (contact(room), changes(room)) == ((EMAIL, PHONE), [])


class TestByTwoSupervisors:
    def ask(self, room, client) -> str:
        room.sign_in(client, "supervisor")
        answer = send(room, client, ask="yes", note="lost the mailbox")
        assert "Another supervisor decides; nothing has changed yet." in answer.content.decode()
        with scoped(room):
            return f"/admin/decisions/{Proposal.objects.get().public_id}/"

    def approve(self, room, client, address: str) -> str:
        sent = {"decision": "approve", "answer": "", "_program": room.world.program_id}
        return client.post(address, sent, follow=True).content.decode()

    def test_another_one_decides(self, room, client):
        address = self.ask(room, client)
        own = self.approve(room, client, address)
        assert (contact(room), changes(room)) == ((EMAIL, PHONE), [])
        room.sign_in_second(client, "supervisor")
        shown = client.get(address).content.decode()
        self.approve(room, client, address)
        deliver(room)

        assert "another person decides" in own
        assert "e-mail of member M100" in shown
        assert "n•••@example.com" in shown
        assert contact(room) == (NEW, PHONE)
        assert mail.outbox[-1].to == [EMAIL]
        assert changes(room)[0].held_until is not None

    def test_what_is_asked_stands_sealed(self, room, client):
        self.ask(room, client)

        with scoped(room):
            kept = str(Proposal.objects.get().arguments)
            told = str(list(AuditRecord.objects.values_list("changes", "reason")))
        assert NEW not in kept
        assert "example.com" not in told

    def test_an_agent_does_not_decide(self, room, client):
        address = self.ask(room, client)
        room.sign_in_second(client, "agent")

        answer = self.approve(room, client, address)

        assert "Somebody with another role decides this." in answer
        assert contact(room) == (EMAIL, PHONE)

    def test_it_is_asked_once_until_it_is_decided(self, room, client):
        address = self.ask(room, client)

        again = send(room, client, email="third@example.com", ask="yes")
        with scoped(room):
            asked = Proposal.objects.count()
        room.sign_in_second(client, "supervisor")
        client.post(address, {"decision": "reject", "answer": "no", "_program": room.world.program_id})
        send(room, client, email="third@example.com", ask="yes")

        assert "The same was asked for before and waits for a decision." in again.content.decode()
        assert asked == 1
        with scoped(room):
            assert Proposal.objects.count() == 2

    def test_whoever_decides_gets_from_the_question_to_the_member(self, room, client):
        address = self.ask(room, client)
        room.sign_in_second(client, "supervisor")

        assert f'href="{room.page}"' in client.get(address).content.decode()

    def test_an_address_that_somebody_took_meanwhile_is_judged_again(self, room, client):
        address = self.ask(room, client)
        with scoped(room):
            other = key_of("M200")
            members.change_member(other, PersonChanges(email=NEW))
        room.sign_in_second(client, "supervisor")

        answer = self.approve(room, client, address)

        assert "This belongs to another member already" in answer
        assert contact(room) == (EMAIL, PHONE)


class TestHold:
    @pytest.fixture
    def changed(self, room, client):
        """The member's e-mail was changed by a machine; an agent has checked the caller."""
        with scoped(room):
            members.change_member(room.member.pk, PersonChanges(email=NEW))
        user = room.sign_in(client, "agent")
        with scope.enter([room.world.program_id], scope.Actor("user", user.pk, str(user))):
            callers.answer_facts(room.member, {"phone": PHONE, "email": NEW}, at=clock.now())
        return room

    def test_nothing_is_redeemed_and_the_page_says_until_when(self, changed, client):
        answer = redeem(changed, client)

        assert "E-mail or phone of this member changed lately" in answer.content.decode()
        assert "Nothing can be spent until" in client.get(changed.page).content.decode()
        assert (redemptions(changed), changed.balance()) == (0, (60, 10))

    def test_nothing_is_held_at_a_till(self, changed):
        with scoped(changed), pytest.raises(restraining.ContactChangedRecently) as refused:
            acts.make_hold(
                changed.member, Decimal(10), code=None, minutes=5, key="k", source="api", till="4", now=clock.now()
            )

        with scoped(changed):
            assert refused.value.facts["until"] == changes(changed)[0].held_until.isoformat(timespec="seconds")
            assert not Hold.objects.exists()

    def test_nothing_is_sent_and_something_is_received(self, changed):
        with scoped(changed):
            other = key_of("M200")
            wanted = {"point_type_id": changed.world.points_id, "amount": 10, "note": "", "at": clock.now()}
            with pytest.raises(restraining.ContactChangedRecently):
                transfers.transfer_points(sender_id=changed.member.pk, recipient_id=other, request_key="out", **wanted)

            assert changed.balance() == (60, 10)

    def test_earning_goes_on(self, changed):
        with scoped(changed):
            activity.record_purchase(purchase(changed.member.pk, "R-2", [(1, "5.00")], at=NOW))

        assert changed.balance() == (65, 10)

    def test_after_the_hours_it_ends_by_itself(self, changed, client):
        with clock.fixed(clock.now() + timedelta(hours=72)), scoped(changed):
            assert profiles.spending_held(changed.member.pk, clock.now()) is None

    def test_no_hours_no_hold_but_word_of_it(self, room):
        with scoped(room):
            Program.objects.update(settings={"contact_hold_hours": 0})
            members.change_member(room.member.pk, PersonChanges(phone="+48600000001"))
        deliver(room)

        assert [(one.parts, one.held_until) for one in changes(room)] == [(["phone"], None)]
        assert mail.outbox[-1].to == [EMAIL]

    def test_a_supervisor_lets_spending_go_on_with_a_reason(self, changed, client):
        address = f"{changed.page}spending/"
        assert client.post(address, {"reason": "x", "_program": changed.world.program_id}).status_code == 403
        user = changed.sign_in(client, "supervisor")
        with scope.enter([changed.world.program_id], scope.Actor("user", user.pk, str(user))):
            callers.answer_facts(changed.member, {"phone": PHONE, "email": NEW}, at=clock.now())
        client.post(address, {"reason": "", "_program": changed.world.program_id})
        assert redeem(changed, client).status_code == 200
        assert redemptions(changed) == 0

        done = client.post(address, {"reason": "showed an identity card", "_program": changed.world.program_id})

        assert done.status_code == 302
        redeem(changed, client)
        assert redemptions(changed) == 1
        with scoped(changed):
            deed = AuditRecord.objects.get(action="member.spending_let_go_on")
        assert (deed.actor_label, deed.reason) == (str(user), "showed an identity card")
        assert (
            "Spending is not held."
            in client.post(address, {"reason": "again", "_program": changed.world.program_id}).content.decode()
        )
