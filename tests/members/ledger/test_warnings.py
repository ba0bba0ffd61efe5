"""Members are told before their points end: once for each last day, in their language."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty.kernel import scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import warnings
from members.ledger.models import EndWarned, EndWarning
from members.messaging.models import Channel, Message, MessageTemplate
from members.profiles.models import Member, MemberStatus
from programs.setup.models import PointType
from tests.browser import people
from tests.kernel.pages.staff import signed_in
from tests.members.ledger.selling import NOW, give, price_list, sell
from tests.members.world import World, add_member

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])
LAST = date(2026, 3, 31)


def warn(world: World, days: int = 10, least: int = 0) -> EndWarning:
    with unit_of_work():
        template, _is_new = MessageTemplate.objects.get_or_create(
            code="ENDING",
            defaults={
                "name": {"en": "Points end"}, "channel": Channel.IN_APP, "subject": {"en": "Use them"},
                "body": {"en": "{points} end on {last_day}.", "pl": "{points} do {last_day}."},
            },
        )  # fmt: skip
        return EndWarning.objects.create(point_type_id=world.points_id, days=days, least=least, template=template)


def at(day: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def test_a_member_is_told_once_so_many_days_before(world):
    warn(world)
    anna = add_member("A")
    give(world, anna, 120)
    give(world, anna, 30, "again")

    told = [warnings.warn_due(at=at(day)) for day in (20, 21, 21, 31)]

    assert told == [0, 1, 0, 0]
    message = Message.objects.get()
    assert (message.member_id, message.body, message.state) == (
        anna.member_id,
        "150 points end on 31 Mar 2026.",
        "sent",
    )
    assert list(EndWarned.objects.values_list("last_day", "points")) == [(LAST, 150)]


def test_missed_days_are_made_up_for_and_every_last_day_has_its_own(world):
    warn(world)
    anna = add_member("A")
    give(world, anna, 10)
    give(world, anna, 20, "later", at=NOW + timedelta(days=3))

    assert warnings.warn_due(at=at(28)) == 2
    assert sorted(EndWarned.objects.values_list("points", flat=True)) == [10, 20]


def test_what_ended_or_is_too_little_is_not_worth_a_message(world):
    warn(world, least=50)
    anna, bela = add_member("A"), add_member("B")
    give(world, anna, 49)
    give(world, bela, 50, "b")

    assert warnings.warn_due(at=at(30)) == 1
    assert Message.objects.get().member_id == bela.member_id
    assert warnings.warn_due(at=at(1, 4)) == 0


def test_two_warnings_speak_for_themselves_and_an_archived_one_is_silent(world):
    warn(world, 10)
    archived = warn(world, 5)
    warn(world, 3)
    EndWarning.objects.filter(pk=archived.pk).update(archived_at=NOW)
    give(world, add_member("A"), 50)

    assert [warnings.warn_due(at=at(day)) for day in (25, 27, 29)] == [1, 0, 1]


def test_a_later_end_is_told_again_when_its_time_comes(world):
    warn(world)
    price_list(world, "extend", fixed=100)
    anna = add_member("A")
    give(world, anna, 50)
    assert warnings.warn_due(at=at(28)) == 1
    sell(world, anna, "extend", until=LAST, payment="P", at=at(28))

    assert warnings.warn_due(at=at(29)) == 0
    assert warnings.warn_due(at=at(25, 5)) == 1


def test_readers_are_told_in_their_language_and_blocked_ones_are_not(world):
    warn(world)
    anna, bela = add_member("A"), add_member("B")
    for member, key in ((anna, "a"), (bela, "b")):
        give(world, member, 50, key)
    Member.objects.filter(pk=anna.member_id).update(language="pl")
    Member.objects.filter(pk=bela.member_id).update(status=MemberStatus.BLOCKED)

    warnings.warn_due(at=at(28))

    found = dict(Message.objects.values_list("member_id", "body"))
    assert found[anna.member_id] == "50 points do 31 mar 2026."
    assert Message.objects.get(member_id=bela.member_id).state == "suppressed"


def test_a_marketer_sets_a_warning_on_its_page():
    program = people.make_program()
    with scope.enter([program], scope.SYSTEM):
        kind = MessageTemplate.objects.create(
            program_id=program,
            code="ENDING",
            name={"en": "Points end"},
            channel=Channel.IN_APP,
            body={"en": "{points}"},
        )
        points = PointType.objects.get().pk
    sent = {"point_type": points, "days": "14", "least": "100", "template": kind.pk, "_program": program}
    page = "/admin/members_ledger/endwarning/add/"

    signed_in(people.make_staff(program, "marketer")).post(page, sent, follow=True)
    refused = signed_in(people.make_staff(program, "analyst")).post(page, {**sent, "days": "15"})

    assert refused.status_code == 403
    with scope.enter([program], scope.SYSTEM):
        assert list(EndWarning.objects.values_list("days", "least")) == [(14, 100)]
