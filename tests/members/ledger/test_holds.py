"""Points held for a till: set aside, taken, let go, lapsed.

Every race has been seen red without the locks of wallet and hold, but the one with the expiry of lots: a hold has taken
from them before, so there is nothing to race for.
"""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import holds, invariants, services
from members.ledger import operations as ledger
from members.ledger.models import Entry, Hold, Lot, LotUse, Posting
from members.ledger.operations import NewHold, holding
from members.profiles.operations import Enrolled
from tests import factories
from tests.members.world import (
    START,
    World,
    add_member,
    bring_back,
    make_world,
    purchase,
    record_purchase,
    record_return,
    wallet_of,
)
from tests.races import names, race

pytestmark = pytest.mark.django_db(transaction=True)
NOW = START + timedelta(hours=1)
TEN_MINUTES = timedelta(minutes=10)


def grant(world: World, member: Enrolled, amount: int, key: str, *, at: Any = NOW) -> None:
    services.adjust_points(
        account_id=member.account_id, point_type_id=world.points_id, amount=amount, reason_id=world.reason_id, note="",
        request_key=key, is_unlimited=True, at=at,
    )  # fmt: skip


def hold(member: Enrolled, amount: int, key: str = "h", *, at: Any = NOW, lasts: timedelta = TEN_MINUTES) -> Hold:
    wanted = NewHold(
        wallet_id=wallet_of(member.account_id).pk, member_id=member.member_id, amount=amount, expires_at=at + lasts,
        request_key=key, source="api", till="4",
    )  # fmt: skip
    return holds.hold_points(wanted, at=at)


def take(row: Hold, amount: int | None = None, key: str = "c", *, at: Any = NOW) -> Hold:
    return holds.capture_hold(row.pk, amount=amount, request_key=key, at=at)


def let_go(row: Hold, key: str = "r", *, at: Any = NOW) -> Hold:
    return holds.release_hold(row.pk, reason="changed their mind", request_key=key, at=at)


def spend(member: Enrolled, amount: int, key: str = "s", *, at: Any = NOW) -> Entry:
    with unit_of_work():
        return ledger.spend(
            wallet_of(member.account_id).pk, amount, cause=ledger.Cause("redemption", None, key), at=at
        )  # fmt: skip


def held(member: Enrolled) -> tuple[int, int, int]:
    wallet = wallet_of(member.account_id)
    return wallet.active, wallet.reserved, wallet.debt


def lots() -> list[int]:
    return list(Lot.objects.order_by("expires_at", "pk").values_list("remaining", flat=True))


def sound(at: Any = NOW) -> bool:
    with clock.fixed(at):
        return list(invariants.check("default")) == []


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def anna(world) -> Enrolled:
    """A member with a lot of 30 that ends first and one of 50."""
    with world.entered():
        made = add_member("A")
        grant(world, made, 30, "g1", at=NOW - timedelta(days=3))
        grant(world, made, 50, "g2", at=NOW)
    return made


class TestHold:
    def test_takes_from_the_lots_that_end_first_and_changes_no_sum(self, world, anna):
        with world.entered():
            row = hold(anna, 40)

            assert (held(anna), lots(), row.state) == ((40, 40, 0), [0, 40], "open")
            assert Posting.objects.filter(entry=row.entry, wallet__isnull=True).count() == 0
            assert sound()

    def test_a_repeat_is_the_first_hold(self, world, anna):
        with world.entered():
            assert hold(anna, 40).pk == hold(anna, 40).pk
            assert held(anna) == (40, 40, 0)

    def test_more_than_there_is_is_refused_and_moves_nothing(self, world, anna):
        with world.entered():
            hold(anna, 40)
            before = (held(anna), lots(), Entry.objects.count())

            with pytest.raises(ledger.InsufficientPoints) as refusal:
                hold(anna, 41, "h2")

            assert refusal.value.facts == {"available": "40", "needed": "41"}
            assert (held(anna), lots(), Entry.objects.count()) == before

    def test_held_points_cannot_be_spent(self, world, anna):
        with world.entered():
            hold(anna, 40)
            with pytest.raises(ledger.InsufficientPoints):
                spend(anna, 41)
            spend(anna, 40)
            assert held(anna) == (0, 40, 0)
            assert sound()

    def test_a_frozen_wallet_holds_nothing(self, world, anna):
        with world.entered():
            wallet = wallet_of(anna.account_id)
            wallet.is_frozen = True
            wallet.save(update_fields=["is_frozen"])
            with pytest.raises(ledger.WalletFrozen):
                hold(anna, 1)
            assert held(anna) == (80, 0, 0)

    def test_nothing_is_held_on_credit(self, world, anna):
        with world.entered():
            wallet = wallet_of(anna.account_id)
            wallet.credit_limit = 100
            wallet.save(update_fields=["credit_limit"])
            with pytest.raises(ledger.InsufficientPoints):
                hold(anna, 81)


class TestCapture:
    def test_spends_from_the_very_lots_and_gives_the_rest_back(self, world, anna):
        with world.entered():
            row = take(hold(anna, 40), 35)

            assert (row.state, row.captured, held(anna), lots()) == ("captured", 35, (45, 0, 0), [0, 45])
            spent = Posting.objects.filter(entry=row.capture_entry, bucket="spent")
            assert [leg.amount for leg in spent] == [35]
            assert sound()

    def test_what_a_partner_paid_for_is_spent_as_the_partners(self, world, anna):
        with world.entered():
            partner = factories.make_partner(factories.Shop(world.program_id, {}), "FRESH")
            Lot.objects.filter(amount=30).update(partner_id=partner)

            row = take(hold(anna, 40), 35)

            spent = Posting.objects.filter(entry=row.capture_entry, bucket="spent").order_by("amount")
            assert [(leg.partner_id, leg.amount) for leg in spent] == [(None, 5), (partner, 30)]

    def test_a_taking_is_given_back_to_the_same_lots(self, world, anna):
        with world.entered():
            row = take(hold(anna, 40), 35)
            with unit_of_work():
                ledger.give_back(row.capture_entry, cause=ledger.Cause("redemption", None, "back"), at=NOW)
            assert (held(anna), lots()) == ((80, 0, 0), [30, 50])
            assert sound()

    def test_a_part_is_given_back_last_taken_first(self, world, anna):
        with world.entered():
            row = take(hold(anna, 40))
            for number, (amount, already, left) in enumerate([(6, 0, [0, 46]), (10, 6, [6, 50]), (24, 16, [30, 50])]):
                with unit_of_work():
                    ledger.give_back_part(
                        row.capture_entry, amount, already=already, at=NOW,
                        cause=ledger.Cause("payback", number, f"back:{number}"),
                    )  # fmt: skip
                assert lots() == left
            assert held(anna) == (80, 0, 0)
            assert sound()

    def test_a_repeat_is_the_first_taking_and_another_is_refused(self, world, anna):
        with world.entered():
            row = hold(anna, 40)
            take(row, 35)
            assert take(row, 35).captured == 35
            before = (held(anna), lots(), Entry.objects.count())
            for act in (lambda: take(row, 35, "c2"), lambda: let_go(row)):
                with pytest.raises(ledger.HoldEnded):
                    act()
            assert (held(anna), lots(), Entry.objects.count()) == before

    def test_more_than_is_held_is_refused(self, world, anna):
        with world.entered():
            row = hold(anna, 40)
            with pytest.raises(ledger.BeyondHold) as refusal:
                take(row, 41)
            assert refusal.value.facts == {"held": "40", "asked": "41"}
            assert (held(anna), Hold.objects.get().state) == ((40, 40, 0), "open")

    def test_after_its_time_it_is_refused_whether_or_not_a_sweep_has_been_there(self, world, anna):
        with world.entered():
            row, late = hold(anna, 40), NOW + TEN_MINUTES
            for _turn in range(2):
                with pytest.raises(ledger.HoldLapsed):
                    take(row, at=late)
                holds.lapse_due(at=late)
            assert (held(anna), Hold.objects.get().state) == ((80, 0, 0), "lapsed")
            assert sound(late)

    def test_points_whose_end_came_meanwhile_are_good_until_the_end_of_the_hold(self, world, anna):
        with world.entered():
            end = Lot.objects.order_by("expires_at").first().expires_at
            row = hold(anna, 40, at=end - timedelta(minutes=1))
            services.expire_due(at=end)
            assert held(anna) == (40, 40, 0)

            take(row, at=end + timedelta(minutes=1))

            assert (held(anna), lots()) == ((40, 0, 0), [0, 40])
            assert sound(end)


class TestRelease:
    def test_gives_everything_back_to_the_lots(self, world, anna):
        with world.entered():
            row = let_go(hold(anna, 40))
            assert (row.state, held(anna), lots()) == ("released", (80, 0, 0), [30, 50])
            assert let_go(row).pk == row.pk
            assert sum(LotUse.objects.values_list("amount", flat=True)) == 0
            assert sound()

    def test_what_ended_meanwhile_comes_back_and_expires(self, world, anna):
        with world.entered():
            end = Lot.objects.order_by("expires_at").first().expires_at
            row = hold(anna, 40, at=end - timedelta(minutes=1))
            let_go(row, at=end + timedelta(minutes=1))
            assert held(anna) == (80, 0, 0)
            with pytest.raises(ledger.InsufficientPoints):
                spend(anna, 51, at=end + timedelta(minutes=1))
            assert services.expire_due(at=end + timedelta(minutes=2)) == 1
            assert held(anna) == (50, 0, 0)
            assert sound(end + timedelta(minutes=2))


class TestLapse:
    @pytest.mark.parametrize("act", ["spend", "hold", "take away", "return"])
    def test_a_lapsed_hold_blocks_nothing_before_the_sweep(self, world, anna, act):
        with world.entered():
            with clock.fixed(NOW):
                record_purchase(purchase(anna.member_id, "R1", [(1, "10.00")]))
            hold(anna, 90)
            late = NOW + TEN_MINUTES
            with clock.fixed(late):
                if act == "spend":
                    spend(anna, 90, at=late)
                elif act == "hold":
                    hold(anna, 90, "h2", at=late)
                elif act == "take away":
                    grant(world, anna, -90, "minus", at=late)
                else:
                    record_return(bring_back("R1", "B1", [("1", 1)], at=late))
            assert held(anna) == {"hold": (0, 90, 0), "return": (80, 0, 0)}.get(act, (0, 0, 0))
            assert Hold.objects.get(request_key="h").state == "lapsed"
            assert sound(late)

    def test_the_sweep_lets_go_once(self, world, anna):
        with world.entered():
            hold(anna, 10, "h1")
            hold(anna, 20, "h2", lasts=timedelta(hours=1))
            late = NOW + TEN_MINUTES
            assert [holds.lapse_due(at=late) for _turn in range(2)] == [1, 0]
            assert held(anna) == (60, 20, 0)
            assert sound(late)

    def test_an_open_hold_long_after_its_time_is_a_breach(self, world, anna):
        with world.entered():
            hold(anna, 10)
            with clock.fixed(NOW + timedelta(minutes=26)):
                assert [one.code for one in invariants.check("default")] == ["L23"]


def at_once(world: World, act: Any, *, pause_before: tuple[Any, str], at: Any = NOW) -> list[Any]:
    def inside(number: int) -> Any:
        with world.entered(), clock.fixed(at):
            return act(number)

    return race(inside, times=2, pause_before=pause_before)


class TestRaces:
    def test_two_takings_of_one_hold(self, world, anna):
        with world.entered():
            row = hold(anna, 40)
        answers = at_once(world, lambda n: take(row, 40, f"c{n}"), pause_before=(holding, "post"))
        assert names(answers) == ["Hold", "HoldEnded"]
        with world.entered():
            assert held(anna) == (40, 0, 0)
            assert sound()

    def test_a_taking_and_a_letting_go(self, world, anna):
        with world.entered():
            row = hold(anna, 40)
        answers = at_once(world, lambda n: take(row) if n else let_go(row), pause_before=(holding, "post"))
        assert names(answers) == ["Hold", "HoldEnded"]
        with world.entered():
            assert held(anna) == ((40, 0, 0) if answers[1].__class__ is Hold else (80, 0, 0))
            assert sound()

    def test_a_taking_in_the_last_instant_and_the_sweep(self, world, anna):
        with world.entered():
            row = hold(anna, 40)
        late = NOW + TEN_MINUTES
        answers = at_once(
            world,
            lambda n: take(row, at=late - timedelta(microseconds=1)) if n else holds.lapse_due(at=late),
            pause_before=(holding, "parts_of"),
        )
        taken = isinstance(answers[1], Hold)
        assert answers[0] == (0 if taken else 1)
        assert taken or isinstance(answers[1], ledger.HoldLapsed)
        with world.entered():
            assert held(anna) == ((40, 0, 0) if taken else (80, 0, 0))
            assert sound(late)

    def test_a_taking_and_the_expiry_of_its_lots(self, world, anna):
        with world.entered():
            end = Lot.objects.order_by("expires_at").first().expires_at
            row = hold(anna, 20, at=end - timedelta(minutes=1))
        answers = at_once(
            world,
            lambda n: take(row, 15, at=end) if n else services.expire_due(at=end),
            pause_before=(holding, "post"), at=end,
        )  # fmt: skip
        with world.entered():
            # What the taking gave back had ended: it expires with the rest, by this sweep or the next.
            services.expire_due(at=end + timedelta(minutes=1))
            assert isinstance(answers[1], Hold)
            assert held(anna) == (50, 0, 0)
            assert sound(end + timedelta(minutes=1))

    def test_two_holds_over_one_balance(self, world, anna):
        answers = at_once(world, lambda n: hold(anna, 50, f"h{n}"), pause_before=(holding, "post"))
        assert names(answers) == ["Hold", "InsufficientPoints"]
        with world.entered():
            assert held(anna) == (30, 50, 0)
            assert sound()
