"""Consents on the member's page: seen by the agent, recorded with the text before the eyes."""

import pytest

from loyalty.kernel.models import Proposal, User
from loyalty.kernel.text import Texts
from members.consents import services
from members.consents.models import Consent, ConsentPurpose, ConsentText
from tests.browser.people import PASSWORD
from tests.members.desk.room import Room, open_room, scoped


@pytest.fixture
def room(db) -> Room:
    made = open_room()
    with scoped(made):
        purpose = ConsentPurpose.objects.create(
            program_id=made.world.program_id, code="NEWS", name={"en": "News by e-mail"}
        )
        services.publish_text(purpose_id=purpose.pk, text=Texts({"en": "We write to you monthly."}))
    return made


def address(room: Room, purpose: str = "NEWS") -> str:
    return f"/admin/consents/members/{room.member.public_id}/{purpose}/"


def send(room: Room, client, key: str = "k", **changes):
    sent = {
        "decision": "given", "version": 1, "method": "spoken", "language": "en", "request_key": key,
        "_program": room.world.program_id, **changes,
    }  # fmt: skip
    return client.post(address(room), sent)


def recorded(room: Room) -> list[tuple[str, str, str, str]]:
    with scoped(room):
        return list(Consent.objects.order_by("pk").values_list("decision", "method", "channel", "actor_label"))


def test_the_agent_reads_the_text_and_records_what_was_said(room, client):
    agent = room.sign_in(client, "agent")
    assert "not asked" in client.get(room.page).content.decode()
    page = client.get(address(room)).content.decode()
    assert "We write to you monthly." in page
    assert "gives the consent" in page

    answer = send(room, client)

    assert (answer.status_code, answer["Location"]) == (302, f"{room.page}#consents")
    assert recorded(room) == [("given", "spoken", "desk", str(agent))]
    assert "withdraws the consent" in client.get(address(room)).content.decode()
    send(room, client, key="k2", decision="withdrawn", method="paper")
    assert recorded(room)[1:] == [("withdrawn", "paper", "desk", str(agent))]


def test_the_same_form_twice_counts_once(room, client):
    room.sign_in(client, "agent")

    send(room, client)
    send(room, client)

    assert len(recorded(room)) == 1


def test_a_text_that_changed_meanwhile_is_shown_again(room, client):
    room.sign_in(client, "agent")
    with scoped(room):
        services.publish_text(purpose_id=ConsentPurpose.objects.get().pk, text=Texts({"en": "Daily."}))

    answer = send(room, client, version=1)

    assert answer.status_code == 200
    assert "version 2 holds now" in answer.content.decode()
    assert recorded(room) == []


def test_what_is_not_asked_for_is_not_found(room, client):
    room.sign_in(client, "agent")

    assert client.get(address(room, "PHONE")).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("supervisor", 200), ("marketer", 403), ("analyst", 403)])
def test_who_may(room, client, role, status):
    room.sign_in(client, role)

    assert client.get(address(room)).status_code == status


ADD = "/admin/members_consents/consenttext/add/"


def sign_in_operator(room: Room, client, email: str = "first@example.com") -> None:
    operator = User.objects.create_user(email, PASSWORD, name=email, is_operator=True)
    client.force_login(operator)
    client.cookies["staff_session"] = client.cookies["sessionid"].value


def texts(room: Room) -> list[tuple[int, str]]:
    with scoped(room):
        return list(ConsentText.objects.order_by("version").values_list("version", "text__en"))


def ask_for(room: Room, client, text: str) -> str:
    """Ask for a text as the operator; the address of its decision."""
    with scoped(room):
        purpose = ConsentPurpose.objects.get()
    sent = {"purpose": purpose.pk, "text_en": text, "_program": room.world.program_id}
    answer = client.post(ADD, sent, follow=True)
    assert "Somebody else decides; the present text still holds." in answer.content.decode()
    with scoped(room):
        return f"/admin/decisions/{Proposal.objects.latest('pk').public_id}/"


def approve(room: Room, client, address: str) -> str:
    sent = {"decision": "approve", "answer": "", "_program": room.world.program_id}
    return client.post(address, sent, follow=True).content.decode()


class TestTexts:
    def test_a_new_text_holds_when_another_operator_has_read_it(self, room, client):
        sign_in_operator(room, client)
        address = ask_for(room, client, "Weekly.")
        assert texts(room) == [(1, "We write to you monthly.")]

        own = approve(room, client, address)
        assert "another person decides" in own
        assert texts(room) == [(1, "We write to you monthly.")]
        sign_in_operator(room, client, "second@example.com")
        shown = client.get(address).content.decode()
        approve(room, client, address)

        assert "News by e-mail, version 2" in shown
        assert "en: Weekly." in shown
        assert texts(room) == [(1, "We write to you monthly."), (2, "Weekly.")]

    def test_a_text_that_was_overtaken_is_judged_again(self, room, client):
        sign_in_operator(room, client)
        address = ask_for(room, client, "Weekly.")
        with scoped(room):
            services.publish_text(purpose_id=ConsentPurpose.objects.get().pk, text=Texts({"en": "Daily."}))
        sign_in_operator(room, client, "second@example.com")

        answer = approve(room, client, address)

        assert "Version 2 was published meanwhile." in answer
        assert texts(room) == [(1, "We write to you monthly."), (2, "Daily.")]
        with scoped(room):
            assert Proposal.objects.get().state == "waiting"

    def test_a_text_that_is_there_is_changed_by_nobody(self, room, client):
        sign_in_operator(room, client)
        with scoped(room):
            first = ConsentText.objects.get()

        changed = client.post(f"/admin/members_consents/consenttext/{first.pk}/change/", {"text_en": "Never."})

        assert (changed.status_code, texts(room)) == (403, [(1, "We write to you monthly.")])

    def test_a_form_without_words_asks_nobody(self, room, client):
        sign_in_operator(room, client)
        with scoped(room):
            purpose = ConsentPurpose.objects.get()

        answer = client.post(ADD, {"purpose": purpose.pk, "text_en": "", "_program": room.world.program_id})

        assert answer.status_code == 200
        with scoped(room):
            assert not Proposal.objects.exists()
