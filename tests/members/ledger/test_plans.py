"""The arithmetic of plans: what is taken, from where, and that every leg has its counterpart."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.ledger import plans
from members.ledger.plans import Credit, EntryPlan, LotView, WalletView

pytestmark = pytest.mark.pure

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def wallet(**values: int) -> WalletView:
    known = {"active": 0, "pending": 0, "debt": 0, "credit_limit": 0, "version": 0} | values
    return WalletView(id=1, account_id=10, point_type_id=100, **known)


def lot(
    key: int, remaining: int, days: int | None = None, *, pending: bool = False, entry: int = 1, rule: str = "BASE"
):
    expires_at = NOW + timedelta(days=days) if days is not None else None
    return LotView(key, remaining, expires_at, pending, None, entry, rule)


def plan() -> EntryPlan:
    return EntryPlan(10, "redeem", "test", None, "key", NOW, NOW)


def takings(made: EntryPlan) -> dict[int, int]:
    return {taking.lot_id: taking.amount for taking in made.takings}


class TestSpending:
    def test_takes_what_expires_first(self):
        made, purse = plan(), wallet(active=60)
        lots = [lot(1, 20), lot(2, 20, days=30), lot(3, 20, days=10)]
        plans.spend(made, purse, lots, 45, at=NOW, target="spent")
        assert takings(made) == {3: 20, 2: 20, 1: 5}
        assert purse.active == 15

    def test_never_takes_expired_or_pending_points(self):
        lots = [lot(1, 50, days=0), lot(2, 50, pending=True), lot(3, 7)]
        assert plans.available(wallet(), lots, NOW) == 7

    def test_a_debt_lowers_what_can_be_spent_and_a_credit_limit_raises_it(self):
        assert plans.available(wallet(debt=30), [lot(1, 100)], NOW) == 70
        assert plans.available(wallet(debt=30, credit_limit=50), [lot(1, 100)], NOW) == 120

    def test_beyond_the_lots_the_rest_becomes_debt(self):
        made, purse = plan(), wallet(active=10, credit_limit=50)
        plans.spend(made, purse, [lot(1, 10)], 35, at=NOW, target="spent")
        made.check()
        assert (purse.active, purse.debt) == (0, 25)


class TestEarning:
    def earn(self, purse: WalletView, amount: int, *, share: int = 100, pending: bool = False) -> EntryPlan:
        made = plan()
        activates_at = NOW + timedelta(days=3) if pending else None
        credit = Credit(amount, "BASE", None, None, activates_at, None)
        plans.credit(made, purse, [credit], at=NOW, source="issued", debt_share=share)
        made.check()
        return made

    def test_repays_the_debt_first(self):
        purse = wallet(debt=30)
        made = self.earn(purse, 100)
        assert (purse.active, purse.debt) == (70, 0)
        assert [(one.amount, one.repaid) for one in made.lots] == [(100, 30)]

    def test_repays_by_the_programs_share_only(self):
        purse = wallet(debt=80)
        self.earn(purse, 100, share=50)
        assert (purse.active, purse.debt) == (50, 30)

    def test_pending_points_repay_nothing_yet(self):
        purse = wallet(debt=30)
        self.earn(purse, 100, pending=True)
        assert (purse.active, purse.pending, purse.debt) == (0, 100, 30)


class TestReversing:
    def reverse(self, purse: WalletView, lots: list[LotView], amount: int, *, keeps_debt: bool = True) -> EntryPlan:
        made = plan()
        plans.reverse(
            made, purse, lots, {"BASE": amount}, original_entry_id=1, funders={"BASE": {7: 1, 8: 1}}, at=NOW,
            keeps_debt=keeps_debt,
        )  # fmt: skip
        made.check()
        return made

    def test_takes_pending_points_of_the_purchase_then_its_lots_then_others(self):
        purse = wallet(active=40, pending=10)
        lots = [lot(1, 20, days=1, entry=2), lot(2, 20, entry=1), lot(3, 10, pending=True, entry=1)]
        made = self.reverse(purse, lots, 45)
        assert takings(made) == {3: 10, 2: 20, 1: 15}
        assert (purse.active, purse.pending, purse.debt) == (5, 0, 0)

    def test_what_is_missing_becomes_a_debt_or_is_written_off(self):
        purse = wallet(active=10)
        self.reverse(purse, [lot(1, 10)], 25)
        assert (purse.active, purse.debt) == (0, 15)
        purse = wallet(active=10)
        made = self.reverse(purse, [lot(1, 10)], 25, keeps_debt=False)
        assert (purse.active, purse.debt) == (0, 0)
        assert [leg.amount for leg in made.legs if leg.bucket == "written_off"] == [-15]

    def test_undoes_the_issuing_of_each_funder_in_proportion(self):
        made = self.reverse(wallet(active=25), [lot(1, 25)], 25)
        issued = {leg.partner_id: leg.amount for leg in made.legs if leg.bucket == "issued"}
        assert issued == {7: 13, 8: 12}


@given(
    amounts=st.lists(st.integers(1, 500), max_size=6),
    debt=st.integers(0, 300),
    limit=st.integers(0, 200),
    spent=st.integers(1, 2000),
    share=st.integers(0, 100),
)
def test_whatever_is_earned_and_spent_balances_and_nothing_goes_below_zero(amounts, debt, limit, spent, share):
    purse = wallet(debt=debt, credit_limit=max(limit, debt))
    earned = plan()
    credits = [Credit(amount, "BASE", None, None, None, None) for amount in amounts]
    plans.credit(earned, purse, credits, at=NOW, source="issued", debt_share=share)
    earned.check()
    lots = [lot(key, new.amount - new.repaid) for key, new in enumerate(earned.lots) if new.amount > new.repaid]
    can_pay = plans.available(purse, lots, NOW)
    shown = purse.active - purse.debt
    if spent > can_pay:
        return
    made = plan()
    plans.spend(made, purse, lots, spent, at=NOW, target="spent")
    made.check()
    assert purse.active - purse.debt == shown - spent
    assert purse.active == sum(one.remaining for one in lots) >= 0
    assert 0 <= purse.debt <= purse.credit_limit


@given(total=st.integers(0, 10_000), weights=st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_a_split_adds_up_and_no_share_is_off_by_one_unit(total, weights):
    shares = plans.split(total, dict(enumerate(weights)))
    assert sum(shares.values()) == total
    for key, weight in enumerate(weights):
        assert abs(shares.get(key, 0) - total * weight / sum(weights)) < 1
