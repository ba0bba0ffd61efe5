"""Correcting a balance: seen before it is done, done once, refused in words."""

import re

import pytest

from loyalty.kernel.models import RoleRule
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger.models import Entry
from programs.setup.models import PointType, ReasonCode
from tests.members.desk.room import give_back, scoped


def corrections(room) -> int:
    with scoped(room):
        return Entry.objects.filter(kind="adjust").count()


def key_of(answer) -> str:
    return re.search(r'name="request_key" value="(\w+)"', answer.content.decode()).group(1)


def test_the_preview_tells_the_balance_after_and_moves_nothing(room, client):
    room.sign_in(client, "agent")

    answer = client.post(room.adjust, room.form())

    preview = answer.context["preview"]
    assert (preview.before, preview.units, preview.after) == (60, 50, 110)
    assert preview.usable_until is not None
    assert "Give 50 points" in answer.content.decode()
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


def test_a_confirmed_form_sent_twice_posts_once(room, client):
    room.sign_in(client, "agent")
    key = key_of(client.post(room.adjust, room.form()))

    first = client.post(room.adjust, room.form(request_key=key))
    second = client.post(room.adjust, room.form(request_key=key))

    assert [first.status_code, first.url, second.status_code] == [302, room.page, 302]
    assert (room.balance(), corrections(room)) == ((110, 10), 1)
    assert "The balance is 110." in client.get(room.page).content.decode()


def test_points_are_taken(room, client):
    room.sign_in(client, "agent")

    client.post(room.adjust, room.form(direction="take", amount="20", request_key="k"))

    assert room.balance() == (40, 10)


def test_above_the_limit_the_refusal_names_the_limit_and_the_supervisor(room, client):
    room.sign_in(client, "supervisor")
    room.sign_in(client, "agent")

    answer = client.post(room.adjust, room.form(amount="101", request_key="k"))

    text = answer.content.decode()
    assert "Your limit with this reason is 100 points at once; you asked for 101." in text
    assert "Beyond it a second person decides. Ask: Supervisor." in text
    assert 'value="101"' in text
    assert 'value="the caller waited"' in text
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


def test_amounts_of_a_type_with_decimals_are_read_and_told_with_them(room, client):
    room.sign_in(client, "agent")
    with scoped(room), unit_of_work():
        miles = PointType.objects.create(code="MILES", name={"en": "miles"}, position=2, decimals=2)
        reason = ReasonCode.objects.create(code="LATE", name={"en": "Late"}, point_type=miles, agent_limit=1000)
    sent = {"point_type": miles.pk, "reason": reason.pk}

    refused = client.post(room.adjust, room.form(amount="12.50", **sent)).content.decode()
    preview = client.post(room.adjust, room.form(amount="9,95", **sent)).context["preview"]

    assert "Your limit with this reason is 10.00 miles at once; you asked for 12.50." in refused
    assert (preview.units, preview.after) == (995, 995)
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


def test_a_supervisor_beyond_the_limit_needs_another_supervisor(room, client):
    room.sign_in(client, "supervisor")

    answer = client.post(room.adjust, room.form(amount="5000", request_key="k"))

    assert "Your limit with this reason is 100 points at once" in answer.content.decode()
    assert "this program has no supervisor yet" in answer.content.decode()
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


def test_a_program_may_let_a_role_correct_without_limit(room, client):
    with scoped(room):
        RoleRule.objects.create(role="supervisor", added=["adjustments.alone"], taken=[])
    room.sign_in(client, "supervisor")

    client.post(room.adjust, room.form(amount="5000", request_key="k"))

    assert (room.balance(), corrections(room)) == ((5060, 10), 1)


def test_more_than_there_is_is_refused_with_what_there_is(room, client):
    room.sign_in(client, "agent")

    answer = client.post(room.adjust, room.form(direction="take", amount="61"))

    assert "Only 60 points can be taken; you asked for 61." in answer.content.decode()
    assert answer.context["preview"] is None
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount", "ten", "This is not a number."),
        ("amount", "1.5", "This has more decimals than allowed."),
        ("amount", "-5", "Enter an amount above zero. To take points, choose Take."),
        ("amount", "0", "Enter an amount above zero. To take points, choose Take."),
        ("amount", "NaN", "This is not a number."),
        ("amount", "99999999999999999999", "This is beyond the allowed range."),
        ("reason", "1", "Select a valid choice."),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field(room, client, field, value, words):
    room.sign_in(client, "agent")

    answer = client.post(room.adjust, room.form(**{field: value, "request_key": "k"}))

    assert words in str(answer.context["form"].errors[field])
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


@pytest.mark.parametrize("key", ["\0", "k" * 65, "a b", "ключ"])
def test_a_key_that_is_none_of_ours_asks_for_the_preview_again(room, client, key):
    room.sign_in(client, "agent")

    answer = client.post(room.adjust, room.form(request_key=key))

    assert answer.context["preview"].after == 110
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


def test_a_debt_is_repaid_first_and_the_preview_says_so(room, client):
    room.sign_in(client, "supervisor")
    client.post(room.adjust, room.form(direction="take", amount="60", request_key="all"))
    give_back(room)

    preview = client.post(room.adjust, room.form()).context["preview"]

    assert (preview.before, preview.repays, preview.after) == (0, 0, 50)


def test_who_may_not_adjust_sees_no_form_and_posts_nothing(room, client):
    room.sign_in(client, "marketer")

    assert client.post(room.adjust, room.form(request_key="k")).status_code == 403
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


def test_a_form_of_another_program_is_refused(room, client):
    room.sign_in(client, "agent")

    answer = client.post(room.adjust, room.form(request_key="k", _program=room.world.program_id + 1))

    assert answer.status_code == 400
    assert (room.balance(), corrections(room)) == ((60, 10), 0)
