"""A card that earns again and again at one till is flagged for a person to look at."""

from datetime import timedelta

import pytest

from loyalty.kernel import clock
from members.activity import flags
from members.activity import services as activity
from members.activity.models import MemberFlag
from members.till import watching
from programs.setup.models import Program
from tests.members.world import START, World, add_member, make_world, purchase

pytestmark = pytest.mark.django_db(transaction=True)
END = START + timedelta(minutes=59)


@pytest.fixture
def world() -> World:
    return make_world(settings={"card_earns_per_hour": 3})


@pytest.fixture
def member(world):
    with world.entered():
        return add_member("M1")


def buy(world: World, member, times: int, *, till: str = "4", first: int = 0, minutes: int = 10) -> None:
    with world.entered():
        for number in range(first, first + times):
            at = START + timedelta(minutes=minutes * (number - first))
            with clock.fixed(at):
                activity.record_purchase(
                    purchase(member.member_id, f"{till}-{number}", [(1, "1.00")], at=at, till=till)
                )


def flagged(world: World, at=END) -> int:
    with world.entered():
        return watching.flag_busy_cards(at=at)


def test_more_often_than_expected_is_flagged_once(world, member):
    buy(world, member, 4)

    assert [flagged(world), flagged(world)] == [1, 0]
    with world.entered():
        flag = MemberFlag.objects.get()
        assert (flag.code, flag.member_id, flag.since_at) == ("BUSY_CARD", member.member_id, END)
        assert flag.note.in_language("en") == "Earned at one till more than 3 times in an hour."
        assert set(flag.note) == {"en", "pl", "ru"}


def test_as_often_as_expected_is_not(world, member):
    buy(world, member, 3)

    assert flagged(world) == 0


def test_tills_are_counted_apart_and_so_are_hours(world, member):
    buy(world, member, 2, till="4")
    buy(world, member, 2, till="5")
    buy(world, member, 4, till="6", minutes=30)

    assert flagged(world, START + timedelta(minutes=91)) == 0


def test_a_cleared_flag_is_not_raised_again_for_the_same_hour(world, member):
    buy(world, member, 4)
    flagged(world)
    with world.entered():
        flags.clear_flag(flag_id=MemberFlag.objects.get().pk, reason="a school outing", at=END)

    assert flagged(world) == 0
    assert flagged(world, END + timedelta(seconds=30)) == 0


def test_without_a_number_nobody_looks(world, member):
    with world.entered():
        Program.objects.update(settings={"card_earns_per_hour": 0})
    buy(world, member, 4)

    assert flagged(world) == 0
