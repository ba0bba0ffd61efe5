"""What a basket would earn and what can be paid of it with points. Writes nothing but the quote's own row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from members.activity import intake, paying
from members.activity.batch import Batch
from members.activity.intake import PurchaseInput
from members.activity.paying import PointsWorthNothing
from members.activity.telling import applied_rules
from members.till import queries
from members.till.budget import CannotJudge, within_budget
from members.till.queries import Spendable
from programs.setup.models import Program


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a basket would earn and cost, minor units and smallest units; ``missing`` names what could not be told."""

    amount: int
    discount: int = 0
    points: Mapping[str, int] = field(default_factory=dict)
    decimals: Mapping[str, int] = field(default_factory=dict)
    applied: tuple[Any, ...] = ()
    discounts: tuple[tuple[str, int], ...] = ()
    snapshot_number: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payable:
    """How much of the basket points can pay: ``most`` smallest units, worth ``value`` minor units."""

    spendable: Spendable
    most: int
    value: int


def forecast(given: PurchaseInput, *, now: datetime) -> Forecast:
    """Judge a basket as it would be judged at the till now, within the till's budget.

    What cannot be judged in time is left out and named: the till shows prices and balance, points follow later.

    :raises Refusal: the basket makes no sense, as the purchase itself would.
    """
    try:
        with within_budget():
            return _judged(given, now)
    except CannotJudge as refusal:
        return Forecast(amount=_amount(given), missing=(refusal.facts["missing"],))


def unnamed(given: PurchaseInput) -> Forecast:
    """A basket of nobody in particular: its price, and that the rest depends on who it is."""
    return Forecast(amount=_amount(given), missing=("member",))


def _amount(given: PurchaseInput) -> int:
    lines = intake.rule_lines(given.lines, {}, given.basket_discount)
    return sum(line.paid for line in lines)


def _judged(given: PurchaseInput, now: datetime) -> Forecast:
    program = Program.objects.get()
    if given.currency != program.currency:
        # What comes off is money of the program: a till cannot take it off another.
        raise intake.CurrencyRefused(currency=given.currency, expected=program.currency)
    batch = Batch([given], now=now)
    decided = batch.judge()[0]
    rules = batch.prepared[0].rules
    off: dict[str, int] = {}
    for one in decided.outcome.get("discounts", ()):
        for line_id, amount in one["lines"]:
            off[line_id] = off.get(line_id, 0) + amount
    return Forecast(
        amount=decided.amount,
        discount=sum(off.values()),
        points=decided.points,
        decimals={one.code: one.decimals for one in batch.frozen.settings.point_types},
        applied=applied_rules(decided.outcome, rules, batch.frozen),
        discounts=tuple(off.items()),
        snapshot_number=batch.frozen.number,
    )


def payable(account_id: int, to_pay: int, *, now: datetime) -> Payable | None:
    """What points can pay of ``to_pay`` minor units; nothing where the program's points are worth no money."""
    program = Program.objects.get()
    found = queries.spendable(account_id, now)
    if found is None:
        return None
    try:
        enough = paying.units_for(to_pay, found.point_type, program)
        most = min(found.units, enough)
        value = min(to_pay, paying.value_of(most, found.point_type, program))
    except PointsWorthNothing:
        return None
    return Payable(found, most, value)
