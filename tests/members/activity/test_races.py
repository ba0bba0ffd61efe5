"""Purchases and returns at the same instant. Each test has been seen red with its guard removed."""

import threading
import time
from datetime import timedelta
from unittest import mock

import pytest

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import operations, services
from members.activity.models import BoughtDay, Purchase, PurchaseLine, Return
from members.activity.operations import bought, paying, returning, writing
from members.ledger import invariants
from members.ledger import operations as ledger
from members.ledger.models import Lot
from members.profiles.models import Account, AccountMember
from programs.promotions.models import LimitCounter
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
from tests.races import PAUSE, names, race

pytestmark = pytest.mark.django_db(transaction=True)
NOW = START + timedelta(hours=1)

BUDGET = {
    "schema": "promo/1",
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "10"}}],
    "limits": [{"id": "ALL", "scope": "promotion", "measure": "points", "max": "15"}],
}

FIFTY = {**BUDGET, "limits": [{"id": "ALL", "scope": "promotion", "measure": "uses", "max": "50"}]}


def at_once(world: World, act, *, pause_before, times: int = 2) -> list:
    def inside(number: int):
        with world.entered(), clock.fixed(NOW):
            return act(number)

    return race(inside, times=times, pause_before=pause_before)


def test_the_same_purchase_from_two_doors_earns_once():
    world = make_world()
    with world.entered():
        member = add_member()
    given = purchase(member.member_id, "R1", [(1, "12.00")])
    answers = at_once(world, lambda _n: record_purchase(given), pause_before=(writing, "_write_purchases"))
    assert names(answers) == ["Recorded", "Recorded"]
    assert answers[0].purchase_id == answers[1].purchase_id
    with world.entered():
        assert (wallet_of(member.account_id).active, Purchase.objects.count()) == (12, 1)
        assert list(invariants.check("default")) == []


def test_two_purchases_repay_a_debt_once():
    world = make_world()
    with world.entered():
        member = add_member()
        with clock.fixed(NOW):
            record_purchase(purchase(member.member_id, "R0", [(1, "30.00")]))
            with unit_of_work():
                ledger.spend(wallet_of(member.account_id).pk, 30, cause=ledger.Cause("redemption", None, "s"), at=NOW)
            record_return(bring_back("R0", "B0", [("1", 1)], at=NOW))
            assert wallet_of(member.account_id).debt == 30
    answers = at_once(
        world,
        lambda number: record_purchase(purchase(member.member_id, f"R{number + 1}", [(1, "20.00")])),
        pause_before=(writing, "_receive"),
    )
    assert names(answers) == ["Recorded", "Recorded"]
    with world.entered():
        wallet = wallet_of(member.account_id)
        assert (wallet.active, wallet.debt) == (10, 0)
        assert list(invariants.check("default")) == []


def test_two_purchases_of_one_member_both_count_and_the_limit_holds():
    world = make_world()
    with world.entered():
        member = add_member()
        with clock.fixed(NOW):
            record_purchase(purchase(member.member_id, "R0", [(1, "50.00")]))
    answers = at_once(
        world,
        lambda number: record_purchase(purchase(member.member_id, f"R{number + 1}", [(1, "50.00")])),
        pause_before=(writing, "_receive"),
    )
    assert names(answers) == ["Recorded", "Recorded"]
    with world.entered():
        wallet = wallet_of(member.account_id)
        assert (wallet.active, wallet.pending) == (150, 20)  # two bonuses a month, never three
        assert LimitCounter.objects.get().used == 2
        assert list(invariants.check("default")) == []


def test_a_budget_that_members_share_is_never_overrun():
    world = make_world(documents={"BUDGET": BUDGET})
    with world.entered():
        members = [add_member("M1"), add_member("M2")]
    answers = at_once(
        world,
        lambda number: record_purchase(purchase(members[number].member_id, f"R{number}", [(1, "5.00")])),
        pause_before=(operations.writing.counters, "take_limits"),
    )
    assert names(answers) == ["Recorded", "Recorded"]
    with world.entered():
        assert sorted(wallet_of(member.account_id).active for member in members) == [5, 10]
        assert LimitCounter.objects.get().used == 15
        assert list(invariants.check("default")) == []


@pytest.mark.proof
@pytest.mark.long
def test_of_two_hundred_purchases_at_once_a_budget_of_fifty_serves_fifty():
    world = make_world(documents={"BUDGET": FIFTY})
    with world.entered():
        members = [add_member(f"M{number}") for number in range(40)]

    def five(number: int) -> int:
        for place in range(5):
            member = members[(number + place * 7) % 40]
            with world.entered(), clock.fixed(NOW):
                record_purchase(purchase(member.member_id, f"R{number}-{place}", [(1, "5.00")]))
        return number

    assert race(five, times=40, pause_before=(operations.writing.counters, "take_limits")) == list(range(40))
    with world.entered():
        assert Purchase.objects.count() == 200
        assert sum(wallet_of(member.account_id).active for member in members) == 500
        assert LimitCounter.objects.get().used == 50
        assert list(invariants.check("default")) == []


def test_two_returns_of_one_line_take_turns():
    world = make_world()
    with world.entered():
        member = add_member()
        with clock.fixed(NOW):
            record_purchase(purchase(member.member_id, "R1", [(2, "20.00")]))
    answers = at_once(
        world,
        lambda number: record_return(bring_back("R1", f"B{number}", [("1", 2)], at=NOW)),
        pause_before=(returning, "_note_on_lines"),
    )
    assert names(answers) == ["RecordedReturn", "ReturnBeyondPurchase"]
    with world.entered():
        assert (wallet_of(member.account_id).active, PurchaseLine.objects.get().returned_quantity) == (0, 2)
        assert Return.objects.filter(state="applied").count() == 1
        assert list(invariants.check("default")) == []


def test_a_return_that_crosses_its_purchase_is_settled_afterwards():
    world = make_world()
    with world.entered():
        member = add_member()

    is_looked_up, is_recorded = threading.Event(), threading.Event()
    key = services._key

    def after_the_purchase(row: Return):
        is_looked_up.set()
        assert is_recorded.wait(60)
        return key(row)

    def act(number: int):
        if number:
            return record_return(bring_back("R1", "B1", [("1", 1)], at=NOW))
        try:
            assert is_looked_up.wait(60)
            return record_purchase(purchase(member.member_id, "R1", [(2, "20.00")]))
        finally:
            is_recorded.set()

    # The return has seen no purchase and has not committed yet while the purchase looks for waiting returns.
    with mock.patch.object(services, "_key", after_the_purchase):
        answers = at_once(world, act, pause_before=(services, "_apply_waiting"))
    assert names(answers) == ["Recorded", "RecordedReturn"]
    with world.entered(), clock.fixed(NOW):
        assert Return.objects.get().state == "waiting"
        services.settle_waiting_returns(now=NOW)
        assert (wallet_of(member.account_id).active, Return.objects.get().state) == (20, "applied")
        assert Lot.objects.get().remaining == 20


@pytest.mark.parametrize("stop", [(bought, "add_to_days"), (paying, "take_points")])
def test_days_that_are_rebuilt_while_a_purchase_is_written_have_it(stop):
    world = make_world()
    with world.entered():
        member = add_member()
        with clock.fixed(NOW):
            record_purchase(purchase(member.member_id, "R1", [(1, "20.00")]))
        BoughtDay.objects.update(amount=1)

    owner, name = stop
    is_there, original = threading.Event(), getattr(owner, name)

    def stopped(*given):
        is_there.set()
        time.sleep(PAUSE)
        return original(*given)

    def act(number: int):
        if not number:
            return record_purchase(purchase(member.member_id, "R2", [(2, "3.00")]))
        assert is_there.wait(60)
        with unit_of_work():
            return operations.rebuild_days()

    with mock.patch.object(owner, name, stopped):
        answers = at_once(world, act, pause_before=(services, "_apply_waiting"))
    assert names(answers) == ["Recorded", "int"]
    with world.entered():
        assert list(BoughtDay.objects.values_list("purchases", "amount", "units")) == [(2, 2600, 3)]


def test_a_return_and_a_purchase_under_another_account_of_the_member_both_count():
    world = make_world()
    with world.entered():
        member = add_member()
        with clock.fixed(NOW):
            record_purchase(purchase(member.member_id, "R1", [(1, "20.00")]))
        with unit_of_work():
            AccountMember.objects.update(is_primary=False)
            account = Account.objects.create(kind="household")
            AccountMember.objects.create(account=account, member_id=member.member_id, role="owner", is_primary=True)
            ledger.open_wallets([account.pk], [world.points_id])

    def act(number: int):
        if not number:
            return record_purchase(purchase(member.member_id, "R2", [(2, "3.00")]))
        return record_return(bring_back("R1", "B1", [("1", 1)], at=NOW))

    answers = at_once(world, act, pause_before=(paying, "take_points"))
    assert names(answers) == ["Recorded", "RecordedReturn"]
    with world.entered():
        assert list(BoughtDay.objects.values_list("purchases", "amount", "units")) == [(1, 600, 2)]
