"""Random histories through the one door against a model in plain Python.

The model knows lots as small dictionaries and follows C17, C19 and the product's decisions on returns: everything
returned is everything taken back, no return adds, and the order of arrival of a return and its purchase never matters.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from loyalty.kernel import clock, ids
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.operations.returning import ReturnBeyondPurchase
from members.activity.services import settle_waiting_returns
from members.ledger import invariants
from members.ledger import operations as ledger
from members.ledger import services as ledger_services
from members.ledger.models import Entry
from tests.conftest import share
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

# Long enough ago for the longest histories of one program to end before today.
BEGIN = datetime(2012, 1, 2, 9, tzinfo=UTC)
HISTORIES = 200
CHECKED = 10


def midnight(instant: datetime, days: int) -> datetime:
    return (instant + timedelta(days=days)).replace(hour=0, minute=0, second=0)


class Model:
    """One wallet as a list of lots, in the order in which they were earned."""

    def __init__(self) -> None:
        self.lots: list[dict] = []
        self.debt = 0
        self.bonus_uses: dict[str, int] = {}
        self.purchases: dict[str, dict] = {}

    def usable(self, now: datetime) -> list[dict]:
        found = [lot for lot in self.lots if lot["left"] and not lot["pending"] and lot["ends"] > now]
        return sorted(found, key=lambda lot: (lot["ends"], lot["number"]))

    @property
    def state(self) -> tuple[int, int, int]:
        active = sum(lot["left"] for lot in self.lots if not lot["pending"])
        return active, sum(lot["left"] for lot in self.lots if lot["pending"]), self.debt

    def add(self, name: str, rule_name: str, amount: int, now: datetime, starts: datetime | None) -> None:
        if not amount:
            return
        repaid = 0 if starts else min(self.debt, amount)
        self.debt -= repaid
        self.lots.append(
            {
                "number": len(self.lots), "purchase": name, "rule": rule_name, "left": amount - repaid,
                "pending": starts is not None, "starts": starts, "ends": midnight(starts or now, 30),
            }
        )  # fmt: skip

    def judge(self, name: str) -> dict[str, int]:
        one = self.purchases[name]
        amount = one["price"] * (one["bought"] - one["returned"])
        bonus = 10 if amount >= 5000 and one["uses_before"] < 2 else 0
        return {"BASE": amount // 100, "BONUS": bonus}

    def buy(self, name: str, pieces: int, price: int, now: datetime) -> None:
        month = now.strftime("%Y-%m")
        uses = self.bonus_uses.get(month, 0)
        self.purchases[name] = {
            "bought": pieces, "returned": 0, "price": price, "month": month, "uses_before": uses,
            "taken": {"BASE": 0, "BONUS": 0},
        }  # fmt: skip
        granted = self.judge(name)
        self.purchases[name]["granted"] = granted
        self.add(name, "BASE", granted["BASE"], now, None)
        self.add(name, "BONUS", granted["BONUS"], now, midnight(now, 5))
        self.bonus_uses[month] = uses + bool(granted["BONUS"])

    def bring_back(self, name: str, pieces: int, now: datetime) -> None:
        one = self.purchases[name]
        one["returned"] += pieces
        still = self.judge(name)
        for rule_name in ("BASE", "BONUS"):
            missing = max(0, one["granted"][rule_name] - still[rule_name] - one["taken"][rule_name])
            one["taken"][rule_name] += missing
            if rule_name == "BONUS" and missing:
                self.bonus_uses[one["month"]] -= 1
            self.take_back(name, rule_name, missing, now)

    def take_back(self, name: str, rule_name: str, missing: int, now: datetime) -> None:
        mine = [lot for lot in self.lots if lot["purchase"] == name]
        pending = sorted(
            (lot for lot in mine if lot["pending"]), key=lambda lot: (lot["rule"] != rule_name, lot["number"])
        )
        own = [lot for lot in self.usable(now) if lot["purchase"] == name]
        others = [lot for lot in self.usable(now) if lot["purchase"] != name]
        for lot in pending + own + others:
            taken = min(missing, lot["left"])
            lot["left"] -= taken
            missing -= taken
        self.debt += missing

    def spend(self, amount: int, now: datetime) -> list[tuple[dict, int]]:
        parts = []
        for lot in self.usable(now):
            taken = min(amount, lot["left"])
            if taken:
                lot["left"] -= taken
                amount -= taken
                parts.append((lot, taken))
        assert not amount
        return parts

    def night(self, now: datetime) -> None:
        for lot in sorted(self.lots, key=lambda lot: lot["number"]):
            if lot["pending"] and lot["left"] and lot["starts"] <= now:
                repaid = min(self.debt, lot["left"])
                self.debt -= repaid
                lot["left"] -= repaid
            if lot["pending"] and lot["starts"] <= now:
                lot["pending"] = False
        for lot in self.lots:
            if lot["ends"] <= now:
                lot["left"] = 0


class Histories(RuleBasedStateMachine):
    """Buy, bring back in any order and before the purchase, spend, cancel, let days pass."""

    world: World
    last = BEGIN
    compared = 0
    sound = 0

    @initialize()
    def begin(self) -> None:
        # Several histories are of one program, each of a member of its own: every night finds what others left. One begins
        # in the month after the one before, for time does not run backwards.
        if Histories.sound % CHECKED == 0:
            Histories.world, Histories.last = make_world(f"W{ids.take(1)[0]}", since=BEGIN), BEGIN
        self.prefix = f"H{ids.take(1)[0]}-"
        month = (Histories.last.replace(day=1) + timedelta(days=31)).replace(day=1)
        self.now = month.replace(hour=BEGIN.hour, minute=0)
        self.model = Model()
        self.spendings: list[tuple[Entry, list]] = []
        self.early: dict[str, int] = {}
        self.count = 0
        with self.world.entered():
            self.member = add_member(self.prefix)

    def next_name(self) -> str:
        self.count += 1
        return f"{self.prefix}R{self.count}"

    @rule(pieces=st.integers(1, 4), price=st.integers(1, 6000))
    def buy(self, pieces: int, price: int) -> None:
        name = self.next_name()
        self.record(name, pieces, price)

    def record(self, name: str, pieces: int, price: int) -> None:
        with self.world.entered(), clock.fixed(self.now):
            given = purchase(self.member.member_id, name, [(pieces, f"{price / 100:.2f}")], at=self.now)
            record_purchase(given)
            assert record_purchase(given).is_replay
        self.model.buy(name, pieces, price, self.now)

    @rule(pieces=st.integers(2, 4), price=st.integers(1, 6000), back=st.integers(1, 2))
    def bring_back_before_buying(self, pieces: int, price: int, back: int) -> None:
        name = self.next_name()
        with self.world.entered(), clock.fixed(self.now):
            done = record_return(bring_back(name, f"{name}-early", [("1", back)], at=self.now))
            assert done.is_waiting
        self.record(name, pieces, price)
        self.model.bring_back(name, back, self.now)

    @precondition(lambda self: self.model.purchases)
    @rule(data=st.data(), pieces=st.integers(1, 4))
    def bring_back(self, data: st.DataObject, pieces: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.purchases)))
        self.count += 1
        given = bring_back(name, f"{name}-{self.count}", [("1", pieces)], at=self.now)
        one = self.model.purchases[name]
        with self.world.entered(), clock.fixed(self.now):
            if one["returned"] + pieces > one["bought"]:
                with pytest.raises(ReturnBeyondPurchase):
                    record_return(given)
                return
            record_return(given)
            assert record_return(given).is_replay
        self.model.bring_back(name, pieces, self.now)

    @rule(amount=st.integers(1, 150))
    def spend(self, amount: int) -> None:
        can_pay = sum(lot["left"] for lot in self.model.usable(self.now)) - self.model.debt
        self.count += 1
        cause = ledger.Cause("redemption", None, f"{self.prefix}spend:{self.count}")
        with self.world.entered():
            wallet = wallet_of(self.member.account_id)
            if amount > can_pay:
                with pytest.raises(ledger.InsufficientPoints), unit_of_work():
                    ledger.spend(wallet.pk, amount, cause=cause, at=self.now)
                return
            with unit_of_work():
                entry = ledger.spend(wallet.pk, amount, cause=cause, at=self.now)
        self.spendings.append((entry, self.model.spend(amount, self.now)))

    @precondition(lambda self: self.spendings)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        entry, parts = self.spendings.pop(data.draw(st.integers(0, len(self.spendings) - 1)))
        self.count += 1
        with self.world.entered(), unit_of_work():
            ledger.give_back(
                entry, cause=ledger.Cause("redemption", None, f"{self.prefix}cancel:{self.count}"), at=self.now
            )
        for lot, taken in parts:
            lot["left"] += taken

    @rule(days=st.integers(1, 20))
    def let_days_pass(self, days: int) -> None:
        self.now = midnight(self.now, days)
        with self.world.entered(), clock.fixed(self.now):
            while ledger_services.activate_due(at=self.now, limit=3):
                pass
            while ledger_services.expire_due(at=self.now, limit=3):
                pass
            settle_waiting_returns(now=self.now)
        self.model.night(self.now)
        self.now += timedelta(hours=9)

    @invariant()
    def the_wallet_is_what_the_model_says(self) -> None:
        if not hasattr(self, "member"):
            return
        with self.world.entered():
            wallet = wallet_of(self.member.account_id)
            assert (wallet.active, wallet.pending, wallet.debt) == self.model.state
        Histories.compared += 1

    def teardown(self) -> None:
        Histories.sound += 1
        Histories.last = self.now
        # Each looks at the books of all before it.
        if Histories.sound % CHECKED == 0:
            with self.world.entered():
                assert list(invariants.check("default")) == []


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_histories_agree_with_the_model():
    Histories.compared = Histories.sound = 0
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=int(settings().max_examples) if share else HISTORIES,
            stateful_step_count=12,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )

    # A step that differs ends the run; that there were any, and books that were sound at the end, is said here.
    assert Histories.compared > Histories.sound >= CHECKED
    with Histories.world.entered():
        assert list(invariants.check("default")) == []


def test_the_model_itself_pays_debts_first():
    model = Model()
    model.debt = 30
    model.add("R1", "BASE", 100, START, None)
    assert (model.state, Decimal(model.lots[0]["left"])) == ((70, 0, 0), Decimal(70))
