"""Attributes by path: ``txn.x``, ``member.x.y``, ``line.x``, ``event.x`` ...; what is absent is None (C14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from operator import attrgetter
from typing import Any

from programs.rules import dates, money
from programs.rules.context import Line
from programs.rules.view import Getter, walk

PLAIN = "plain"
MONEY = "money"
TIER = "tier"

LINE_FIELDS = ("line_id", "number", "sku", "product", "categories", "brand", "qty", "unit", "tax_rate")
PURCHASE_FIELDS = ("channel", "payment", "partner", "store", "store_group", "region", "currency", "coupons")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A compiled attribute.

    :param kind: ``plain``, ``money`` (the getter answers minor units) or ``tier`` (order is the rank in the scheme).
    :param remembered: the place in ``View.memo`` where the value, a whole number, is once it was asked for.
    """

    path: str
    get: Getter
    kind: str = PLAIN
    ranks: Callable[[Any], Mapping[str, int]] | None = None
    remembered: str | None = None


def attribute(path: str) -> Attribute:
    """The attribute of a path such as ``member.consent.email``."""
    entity, _, rest = path.partition(".")
    steps = tuple(rest.split("."))
    if entity == "txn":
        return _txn_attribute(path, rest, steps)
    if entity == "line":
        return _line_attribute(path, rest, steps)
    if entity == "member":
        return _member_attribute(path, rest, steps)
    if entity == "event":
        return Attribute(path, lambda view, line: _event_field(view, rest, steps))
    assert entity in ("account", "coupon", "program"), path

    def get(view: Any, line: Line | None) -> Any:
        return walk(getattr(view.context, entity), rest, steps)

    return Attribute(path, get)


def _event_field(view: Any, rest: str, steps: tuple[str, ...]) -> Any:
    event = view.context.event
    if event is None:
        return None
    if rest == "type":
        return event.type
    return walk(event.attributes, rest, steps)


PAID, LIST_AMOUNT = attrgetter("paid"), attrgetter("list_amount")
TXN_MONEY: dict[str, Callable[[Any], int]] = {
    "amount": lambda view: sum(map(PAID, view.lines)),
    "list_amount": lambda view: sum(map(LIST_AMOUNT, view.lines)),
    "amount_ex_tax": lambda view: sum(money.ex_tax(line) for line in view.lines),
    "amount_without_points": lambda view: sum(line.paid - line.points_paid for line in view.lines),
    "paid_with_points": lambda view: view.purchase.paid_with_points,
}
TXN_DERIVED: dict[str, Callable[[Any], Any]] = {
    "weekday": lambda view: view.shop_time().isoweekday(),
    "date": lambda view: view.shop_time().date().isoformat(),
    "time": lambda view: view.shop_time().strftime("%H:%M"),
    "hour": lambda view: view.shop_time().hour,
    "month": lambda view: view.shop_time().month,
    "day": lambda view: view.shop_time().day,
    "units": lambda view: sum(line.units for line in view.lines),
    "lines": lambda view: len(view.lines),
}


def _remembered(name: str, amount: Callable[[Any], int]) -> Getter:
    def get(view: Any, line: Line | None) -> Any:
        found = view.memo.get(name)
        if found is None and view.purchase is not None:
            found = view.memo[name] = amount(view)
        return found

    return get


def _txn_attribute(path: str, rest: str, steps: tuple[str, ...]) -> Attribute:
    if rest in TXN_MONEY:
        amount = TXN_MONEY[rest]
        return Attribute(path, _remembered(rest, amount), MONEY, remembered=rest)
    if rest in TXN_DERIVED:
        derived = TXN_DERIVED[rest]
        return Attribute(path, lambda view, line: None if view.purchase is None else derived(view))
    if rest in PURCHASE_FIELDS:
        return Attribute(path, lambda view, line: getattr(view.purchase, rest, None))

    def get(view: Any, line: Line | None) -> Any:
        return None if view.purchase is None else walk(view.purchase.attributes, rest, steps)

    return Attribute(path, get)


LINE_MONEY: dict[str, Callable[[Line], money.Number]] = {
    "paid": lambda line: line.paid,
    "amount": lambda line: line.paid,
    "list_amount": lambda line: line.list_amount,
    "amount_ex_tax": money.ex_tax,
    "amount_without_points": lambda line: line.paid - line.points_paid,
    "discount": lambda line: line.list_amount - line.paid,
    "unit_price": lambda line: money.exact(line.list_amount) if line.qty == 1 else _per_unit(line),
}


def _per_unit(line: Line) -> money.Number:
    return Fraction(line.list_amount) / Fraction(line.qty) if line.qty else line.list_amount


def _line_attribute(path: str, rest: str, steps: tuple[str, ...]) -> Attribute:
    if rest in LINE_MONEY:
        amount = LINE_MONEY[rest]
        return Attribute(path, lambda view, line: amount(line) if line else None, MONEY)
    if rest in LINE_FIELDS:
        return Attribute(path, lambda view, line: getattr(line, rest, None))
    if rest == "units":
        return Attribute(path, lambda view, line: line.units if line else None)
    if rest == "on_sale":
        return Attribute(path, lambda view, line: line.paid < line.list_amount if line else None)
    return Attribute(path, lambda view, line: walk(line.attributes, rest, steps) if line else None)


def _member_attribute(path: str, rest: str, steps: tuple[str, ...]) -> Attribute:
    if rest == "tier":
        return Attribute(
            path, lambda view, line: view.context.member.tier, TIER, lambda view: view.context.member.tier_ranks
        )
    if steps[0] == "tier" and len(steps) == 2:
        scheme = steps[1]
        return Attribute(
            path,
            lambda view, line: view.context.member.tiers.get(scheme),
            TIER,
            lambda view: view.context.member.scheme_ranks.get(scheme, {}),
        )
    if rest in ("id", "birthday", "segments"):
        return Attribute(path, lambda view, line: getattr(view.context.member, rest) or None)
    if rest == "age":
        return Attribute(path, _age)
    return Attribute(path, lambda view, line: walk(view.context.member.attributes, rest, steps))


def _age(view: Any, line: Line | None) -> Any:
    member = view.context.member
    given = member.attributes.get("age")
    if given is not None or member.birthday is None:
        return given
    return age_on(member.birthday, view.shop_time().date())


def age_on(birthday: date, day: date) -> int:
    """Full years on a day; who was born on 29 February turns a year older on 28 February of a common year (C21)."""
    return day.year - birthday.year - (day < dates.anniversary(birthday, day.year))
