"""What one person may correct in a day: counted over members and reasons, under a lock, from midnight of the program."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock, scope
from loyalty.kernel.models import User
from loyalty.kernel.scope import Actor
from members.callers import services as callers
from members.ledger import credit, requests, sales, services, transfers
from members.ledger.models import AdjustmentRequest, Entry, PointSale
from members.ledger.operations import adjusting
from members.profiles import own as own_account
from members.profiles import restraining
from members.profiles.models import ContactChange, Member
from programs.setup.models import PointType, Program, ReasonCode
from tests import factories
from tests.factories import NOON
from tests.members.world import START, World, add_member, make_world, wallet_of
from tests.races import names, race

NOW = START + timedelta(hours=1)
AGENT, OTHER = (Actor("user", number, f"Agent {number}") for number in (1, 2))
CARD = "79927398713"


@pytest.fixture
def world() -> World:
    return make_world(settings={"correction_daily_points": 150})


@pytest.fixture
def members(world) -> list[Any]:
    with world.entered():
        return [add_member(f"M{number}") for number in range(3)]


def adjust(world: World, member: Any, amount: int, *, key: str, by: Actor = AGENT, at=NOW, **changes: Any) -> Entry:
    with scope.enter([world.program_id], by):
        return services.adjust_points(
            **{
                "account_id": member.account_id, "point_type_id": world.points_id, "amount": amount,
                "reason_id": world.reason_id, "note": "", "request_key": key, "is_unlimited": False, "at": at, **changes,
            }
        )  # fmt: skip


def corrections(world: World) -> list[str]:
    with world.entered():
        return list(Entry.objects.filter(kind="adjust").order_by("pk").values_list("request_key", flat=True))


@pytest.mark.django_db(transaction=True)
class TestSum:
    def test_given_and_taken_count_alike_over_members(self, world, members):
        adjust(world, members[0], 80, key="a")
        adjust(world, members[0], -30, key="b")

        with pytest.raises(services.AboveDailySum) as refused:
            adjust(world, members[1], 41, key="c")
        adjust(world, members[1], 40, key="d")

        assert dict(refused.value.facts) == {"limit": "150", "left": "40", "asked": "41"}
        assert corrections(world) == ["a", "b", "d"]

    def test_a_repeat_counts_once_and_a_preview_never(self, world, members):
        for _time in range(3):
            adjust(world, members[0], 100, key="a")
        adjust(world, members[0], 50, key="seen", preview=True)

        adjust(world, members[0], 50, key="b")

        assert corrections(world) == ["a", "b"]

    def test_each_person_and_each_day_have_a_sum_of_their_own(self, world, members):
        adjust(world, members[0], 100, key="a")
        adjust(world, members[0], 100, key="b", by=OTHER)
        adjust(world, members[0], 100, key="c", at=NOW + timedelta(days=1))

        assert corrections(world) == ["a", "b", "c"]

    def test_points_of_all_types_count_as_whole_points(self, world, members):
        with world.entered():
            miles = PointType.objects.create(code="MILES", name={"en": "miles"}, position=2, decimals=2)
            late = ReasonCode.objects.create(code="LATE", name={"en": "Late"}, point_type=miles, agent_limit=100_000)
        other = {"point_type_id": miles.pk, "reason_id": late.pk}
        adjust(world, members[0], 9_950, key="a", **other)

        with pytest.raises(services.AboveDailySum) as refused:
            adjust(world, members[0], 51, key="b")

        assert refused.value.facts["left"] == "50.50"
        assert corrections(world) == ["a"]

    @pytest.mark.parametrize("most", [None, 0])
    def test_without_a_sum_there_is_no_end(self, world, members, most):
        with world.entered():
            Program.objects.update(settings={"correction_daily_points": most})

        for number in range(4):
            adjust(world, members[0], 100, key=str(number))

        assert corrections(world) == ["0", "1", "2", "3"]

    def test_who_may_correct_alone_has_no_sum(self, world, members):
        adjust(world, members[0], 100, key="a")
        adjust(world, members[0], 100, key="b", is_unlimited=True)

        assert corrections(world) == ["a", "b"]

    def test_what_a_supervisor_approves_is_not_the_supervisors_own(self, world, members):
        with scope.enter([world.program_id], AGENT):
            asked = requests.request_adjustment(
                member_id=members[0].member_id, point_type_id=world.points_id, amount=5000, reason_id=world.reason_id,
                note="", request_key="k", at=NOW,
            )  # fmt: skip
        with scope.enter([world.program_id], OTHER):
            requests.approve_adjustment(request_id=asked.pk, note="", at=NOW)

        adjust(world, members[1], 100, key="own", by=OTHER)

        assert corrections(world) == [f"request:{asked.pk}", "own"]

    def test_of_two_at_once_on_two_members_one_counts(self, world, members):
        def act(number: int) -> Entry:
            with clock.fixed(NOW):
                return adjust(world, members[number], 100, key=str(number))

        answers = race(act, times=2, pause_before=(adjusting, "post"))

        assert names(answers) == ["AboveDailySum", "Entry"]
        assert len(corrections(world)) == 1


@pytest.mark.django_db
def test_the_api_files_what_is_above_the_daily_sum():
    shop = factories.make_program(settings={"correction_daily_points": 120})
    factories.make_member(shop, card=CARD)
    api = factories.client(shop, "adjustments.write")
    given = {"member": {"kind": "card", "value": CARD}, "type": "POINTS", "points": "100", "reason": "GOODWILL"}

    with clock.fixed(NOON):
        first, second = (api.post("/api/v1/adjustments", given, HTTP_IDEMPOTENCY_KEY=key) for key in "ab")

    assert (first.status_code, second.status_code, second.json()["state"]) == (201, 202, "waiting")
    with factories.entered(shop):
        assert (Entry.objects.count(), AdjustmentRequest.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
class TestOwnAccount:
    @pytest.fixture
    def me(self) -> Actor:
        user = User.objects.create_user("Anna@example.com", "a long enough password", name="Anna")
        return Actor("user", user.pk, "Anna")

    @pytest.fixture
    def own(self, world) -> Any:
        shop = factories.Shop(world.program_id, {"POINTS": world.points_id})
        return factories.make_member(shop, number="OWN", email="anna@Example.com")

    def test_nobody_corrects_asks_or_approves_for_themselves(self, world, members, me, own):
        with pytest.raises(own_account.OwnAccount):
            adjust(world, own, 10, key="a", by=me)
        with scope.enter([world.program_id], me), pytest.raises(own_account.OwnAccount):
            requests.request_adjustment(
                member_id=own.member_id, point_type_id=world.points_id, amount=500, reason_id=world.reason_id, note="",
                request_key="k", at=NOW,
            )  # fmt: skip
        with scope.enter([world.program_id], OTHER):
            asked = requests.request_adjustment(
                member_id=own.member_id, point_type_id=world.points_id, amount=500, reason_id=world.reason_id, note="",
                request_key="k", at=NOW,
            )  # fmt: skip
        with scope.enter([world.program_id], me), pytest.raises(own_account.OwnAccount):
            requests.approve_adjustment(request_id=asked.pk, note="", at=NOW)

        assert corrections(world) == []
        adjust(world, members[0], 10, key="b", by=me)
        assert corrections(world) == ["b"]

    def test_nobody_credits_moves_sells_or_opens_the_way_for_themselves(self, world, members, me, own):
        types = {"point_type_id": world.points_id}
        moving = {"amount": 1, "note": "", "request_key": "k", "at": NOW, "preview": True, **types}
        here, there = own.member_id, members[0].member_id
        deeds = [
            lambda: credit.set_limit(member_id=here, limit=5, why="mine", at=NOW, **types),
            lambda: transfers.transfer_points(sender_id=here, recipient_id=there, **moving),
            lambda: transfers.transfer_points(sender_id=there, recipient_id=here, **moving),
            lambda: sales.sell(sales.Wanted("buy", here, world.points_id, "k", points=5), price=1, at=NOW),
            lambda: callers.change_contact(Member.objects.get(pk=here), email="x@example.com", phone="", at=NOW),
            lambda: restraining.let_spending_go_on(here, reason="mine", at=NOW),
        ]

        for deed in deeds:
            with scope.enter([world.program_id], me), pytest.raises(own_account.OwnAccount):
                deed()

        with world.entered():
            assert wallet_of(own.account_id).credit_limit == 0
            assert (Entry.objects.count(), PointSale.objects.count(), ContactChange.objects.count()) == (0, 0, 0)
