"""Who calls is the member: a code to the known address, or two facts; tries are few, counted and on record."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from loyalty.kernel import clock, outbox, scope
from loyalty.kernel.models import AuditRecord, OutboxEvent
from loyalty.kernel.unit_of_work import unit_of_work
from members.callers import operations, sending, services
from members.callers.models import CallerCheck
from members.ledger import transfers
from members.profiles import operations as profiles
from members.profiles.models import Member
from members.profiles.operations import NewMember
from tests.members.desk.room import CARD, EMAIL, PHONE, in_other_program, make_user, open_room, scoped
from tests.members.world import START
from tests.races import race


def page(room, member: Member | None = None) -> str:
    return reverse("caller-check", args=[(member or room.member).public_id])


def post(room, client, **values):
    return client.post(page(room), {"_program": room.world.program_id, **values})


def letter(room) -> str:
    """Deliver what waits; the text of the last letter."""
    with scoped(room):
        outbox.deliver_due()
    return str(mail.outbox[-1].body)


def code_in(text: str) -> str:
    return re.search(r"\b(\d{6})\b", text)[1]


def checks(room) -> list[tuple[str, str, int]]:
    with scoped(room):
        return list(CallerCheck.objects.order_by("pk").values_list("way", "state", "tries"))


def deeds(room) -> list[str]:
    with scoped(room):
        rows = AuditRecord.objects.filter(action__startswith="caller.").order_by("pk")
        return list(rows.values_list("action", flat=True))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_goes_to_the_known_address_and_opens_the_way(room, client):
    room.sign_in(client, "agent")

    post(room, client, way="send")
    text = letter(room)
    done = post(room, client, way="code", code=code_in(text), next=f"{room.page}adjust/")

    assert mail.outbox[-1].to == [EMAIL]
    assert done.headers["Location"] == f"{room.page}adjust/"
    assert checks(room) == [("code", "passed", 1)]
    assert deeds(room) == ["caller.code_sent", "caller.checked"]


def test_the_code_stands_in_no_table_and_on_no_page(room, client):
    room.sign_in(client, "agent")
    shown = post(room, client, way="send").content.decode()
    code = code_in(letter(room))

    with scoped(room):
        check = CallerCheck.objects.get()
        kept = [str(getattr(check, field.attname)) for field in CallerCheck._meta.concrete_fields]
        records = str(list(AuditRecord.objects.values_list("reason", "changes")))

    assert code not in shown
    assert code not in kept
    assert code not in records
    assert "a•••@example.com" in shown
    assert EMAIL not in shown


def test_a_letter_is_sent_once_however_often_the_outbox_calls(room, client):
    room.sign_in(client, "agent")
    post(room, client, way="send")
    letter(room)

    with scoped(room), unit_of_work():
        sending.send(OutboxEvent(subject_id=CallerCheck.objects.get().pk))

    assert len(mail.outbox) == 1


def test_the_letter_is_in_the_members_language(room, client):
    with scoped(room):
        Member.objects.filter(pk=room.member.pk).update(language="pl")
    room.sign_in(client, "agent")
    post(room, client, way="send")

    assert "kod" in letter(room)


def test_five_wrong_codes_and_the_right_one_is_worth_nothing(room, client):
    room.sign_in(client, "agent")
    post(room, client, way="send")
    code = code_in(letter(room))

    answers = [post(room, client, way="code", code=wrong(code)).content.decode() for _try in range(5)]
    late = post(room, client, way="code", code=code)

    assert [re.search(r"Tries left: (\d)", answer)[1] for answer in answers] == ["4", "3", "2", "1", "0"]
    assert "This code is no longer good." in late.content.decode()
    assert checks(room) == [("code", "failed", 5)]
    assert deeds(room) == ["caller.code_sent", *["caller.code_refused"] * 5]


def test_a_code_is_good_for_ten_minutes(room, client):
    room.sign_in(client, "agent")
    post(room, client, way="send")
    code = code_in(letter(room))

    with clock.fixed(clock.now() + timedelta(minutes=11)):
        answer = post(room, client, way="code", code=code)

    assert "This code is no longer good." in answer.content.decode()
    assert checks(room) == [("code", "waiting", 0)]


def test_a_code_is_taken_once_and_by_whoever_had_it_sent(room, client):
    room.sign_in(client, "supervisor")
    post(room, client, way="send")
    code = code_in(letter(room))
    room.sign_in(client, "agent")

    assert "This code is no longer good." in post(room, client, way="code", code=code).content.decode()
    assert checks(room) == [("code", "waiting", 0)]


def test_a_newer_code_ends_the_one_before_and_three_an_hour_are_enough(room, client):
    room.sign_in(client, "agent")
    for _time in range(3):
        post(room, client, way="send")

    refused = post(room, client, way="send").content.decode()

    assert "The member was sent 3 codes within an hour." in refused
    assert [state for _way, state, _tries in checks(room)] == ["failed", "failed", "waiting"]


@pytest.mark.parametrize(
    "answers",
    [
        {"phone": PHONE, "email": EMAIL},
        {"phone": "601 234 567", "card": f"{CARD[:4]} {CARD[4:]}"},
        {"email": EMAIL.upper(), "purchase": "60.00"},
        {"email": EMAIL, "purchase": "60,00"},
    ],
)
def test_two_facts_are_enough(room, client, answers):
    room.sign_in(client, "agent")

    assert post(room, client, way="facts", **answers).headers["Location"] == room.page
    assert checks(room) == [("facts", "passed", 1)]
    assert deeds(room) == ["caller.checked"]


@pytest.mark.parametrize("answers", [{}, {"phone": PHONE}, {"phone": PHONE, "birthday": "1990-01-01"}])
def test_one_fact_is_not(room, client, answers):
    room.sign_in(client, "agent")

    assert "Fill in 2 answers." in post(room, client, way="facts", **answers).content.decode()
    assert checks(room) == []


def test_a_wrong_answer_is_not_named_and_three_a_day_are_the_end(room, client):
    room.sign_in(client, "agent")
    half = {"phone": PHONE, "email": "other@example.com"}

    answers = [post(room, client, way="facts", **half).content.decode() for _try in range(3)]
    right = post(room, client, way="facts", phone=PHONE, email=EMAIL).content.decode()

    assert [re.search(r"Tries left today: (\d)", answer)[1] for answer in answers] == ["2", "1", "0"]
    assert "Answers about this member were wrong 3 times today." in right
    assert checks(room) == [("facts", "failed", 1)] * 3
    with clock.fixed(clock.now() + timedelta(hours=25)):
        room.sign_in(client, "supervisor")
        assert post(room, client, way="facts", phone=PHONE, email=EMAIL).status_code == 302


def test_the_count_goes_by_member_whoever_asks(room, client):
    room.sign_in(client, "agent")
    for _try in range(3):
        post(room, client, way="facts", phone="1", email="x")
    room.sign_in(client, "supervisor")

    assert "wrong 3 times" in post(room, client, way="facts", phone=PHONE, email=EMAIL).content.decode()


def test_what_the_agent_was_shown_is_no_fact(room, client):
    room.sign_in(client, "agent")
    client.post(f"{room.page}contact/", {"_program": room.world.program_id})

    shown = client.get(page(room)).content.decode()
    sent = post(room, client, way="facts", phone=PHONE, email=EMAIL).content.decode()

    assert "There are not two facts that you can ask for" in shown
    assert "Fill in 2 answers." in sent
    assert checks(room) == []


def test_who_has_no_address_gets_no_code(room, client):
    with scoped(room), unit_of_work():
        profiles.add_members([NewMember(number="M300", enrolled_at=START)])
    room.sign_in(client, "agent")
    with scoped(room):
        member = Member.objects.get(number="M300")

    answer = client.post(page(room, member), {"way": "send", "_program": room.world.program_id}).content.decode()

    assert "There is no e-mail address to send a code to." in answer
    assert checks(room) == []


def test_points_are_not_moved_by_a_person_for_an_unchecked_caller(room):
    user_of = scope.Actor("user", 1, "Agent")
    with scoped(room):
        other = Member.objects.get(number="M200")
    given = {
        "sender_id": room.member.pk, "recipient_id": other.pk, "point_type_id": room.world.points_id, "amount": 5,
        "note": "", "at": clock.now(),
    }  # fmt: skip
    with scope.enter([room.world.program_id], user_of), pytest.raises(services.CallerUnchecked):
        transfers.transfer_points(**given, request_key="person")
    assert room.balance() == (60, 10)

    with scope.enter([room.world.program_id], scope.Actor("key", 1, "Shop")):
        transfers.transfer_points(**given, request_key="machine")
    assert room.balance() == (55, 10)


def test_a_member_of_another_program_is_not_there(room, client):
    other = in_other_program()
    room.sign_in(client, "agent")

    assert client.get(page(room, other)).status_code == 404
    assert client.post(page(room, other), {"way": "send"}).status_code == 404


@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_who_takes_no_rewards_checks_nobody(room, client, role):
    room.sign_in(client, role, opens=False)

    assert client.get(page(room)).status_code == post(room, client, way="send").status_code == 403
    assert checks(room) == []


@pytest.mark.django_db(transaction=True)
def test_ten_guesses_at_once_are_five():
    room = open_room()
    user = scope.Actor("user", make_user(room.world, "agent").pk, "Agent")
    with scope.enter([room.world.program_id], user):
        check = services.send_code(room.member, at=clock.now())
        guess = wrong(operations.code_of(check))

    def try_one(_number: int) -> str:
        with scope.enter([room.world.program_id], user):
            try:
                services.take_code(check.public_id, guess, at=clock.now())
            except (services.CodeWrong, services.CodeGone) as refusal:
                return refusal.code
        return "taken"

    answers = race(try_one, times=10, pause_before=(operations, "is_code_of"))

    assert sorted(answers) == ["callers.code_gone"] * 5 + ["callers.code_wrong"] * 5
    assert checks(room) == [("code", "failed", 5)]
