"""Reading a trial document: decimal strings to minor units, fields to the structures of the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from programs.rules.compile import RuleSet
from programs.rules.context import (
    PIECE,
    Context,
    HistoryEvent,
    HistoryPurchase,
    Line,
    MemberView,
    PointTypeSettings,
    ProgramSettings,
    Purchase,
)
from programs.rules.money import (
    exact,
    half_up,
    kept_lines,
    round_number,
    spread_basket_discount,
    spread_points_payment,
    to_minor,
)
from programs.rules.rule import Rule

EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "CLP": 0, "KWD": 3, "BHD": 3, "OMR": 3, "TND": 3, "JOD": 3}
LINE_OWN = ("line_id", "sku", "product", "categories", "brand", "qty", "unit", "tax_rate", "unit_price", "amount")
PURCHASE_OWN = ("channel", "payment", "partner", "store", "store_group", "region", "store_tz", "currency")
PURCHASE_READ = (*PURCHASE_OWN, "at", "lines", "paid_with_points", "coupons", "points")
MEMBER_READ = ("id", "tier", "birthday", "segments", "tiers")


def read_settings(program: Mapping[str, Any]) -> ProgramSettings:
    """The settings of the program; what is absent has its default."""
    currency = str(program.get("currency", "EUR"))
    types = program.get("point_types") or [{"code": "POINTS"}]
    point_types = tuple(_point_type(one) for one in _named(types))
    value = program.get("point_value")
    if not isinstance(value, Mapping):
        value = {} if value is None else {one.code: value for one in point_types}
    return ProgramSettings(
        currency=currency,
        exponent=EXPONENTS.get(currency, 2),
        timezone=program.get("timezone", "Europe/Warsaw"),
        rounding=program.get("rounding", "down"),
        basis=program.get("basis", "paid"),
        point_types=point_types,
        point_value={code: Decimal(str(worth)) for code, worth in value.items()},
        groups=dict(program.get("groups", {})),
        earn_on=program.get("earn_on", "after_loyalty_discounts"),
    )


def _named(types: Any) -> list[Any]:
    """Point types as a list of documents or codes, or as a mapping from code to document or decimals."""
    if not isinstance(types, Mapping):
        return list(types)
    return [{"code": code, **(one if isinstance(one, Mapping) else {"decimals": one})} for code, one in types.items()]


def _point_type(one: Any) -> PointTypeSettings:
    if isinstance(one, str):
        return PointTypeSettings(one)
    return PointTypeSettings(str(one["code"]), int(one.get("decimals", 0)))


def read_instant(text: str) -> datetime:
    """An instant with its offset."""
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None, "an instant has an offset"
    return at


def read_line(document: Mapping[str, Any], number: int, exponent: int) -> Line:
    """One line; ``amount`` is what was paid, else unit price x quantity less the discount of the line (C01)."""
    qty = Decimal(str(document.get("qty", 1)))
    if document.get("unit_price") is not None:
        list_amount = half_up(exact(str(document["unit_price"])) * exact(qty) * 10**exponent)
        paid = list_amount - to_minor(str(document.get("discount", 0)), exponent)
        if document.get("amount") is not None:
            paid = to_minor(str(document["amount"]), exponent)
    else:
        paid = to_minor(str(document["amount"]), exponent)
        list_amount = paid + to_minor(str(document.get("discount", 0)), exponent)
    tax_rate = document.get("tax_rate")
    return Line(
        line_id=str(document.get("line_id", number)),
        number=number,
        sku=document.get("sku"),
        product=document.get("product"),
        categories=tuple(document.get("categories", ())),
        brand=document.get("brand"),
        qty=qty,
        unit=document.get("unit", PIECE),
        paid=paid,
        list_amount=list_amount,
        tax_rate=None if tax_rate is None else Decimal(str(tax_rate)),
        attributes={name: value for name, value in document.items() if name not in LINE_OWN},
    )


def read_lines(document: Mapping[str, Any], exponent: int) -> tuple[Line, ...]:
    """The lines of a purchase with its basket discount and its payment with points spread over them (C02, C24).

    A line of nothing for nothing is dropped; the others keep their number.
    """
    read = (read_line(line, number, exponent) for number, line in enumerate(document.get("lines", ()), 1))
    lines = tuple(line for line in read if line.qty or line.paid)
    if document.get("basket_discount"):
        lines = spread_basket_discount(lines, to_minor(str(document["basket_discount"]), exponent))
    if document.get("paid_with_points"):
        lines = spread_points_payment(lines, to_minor(str(document["paid_with_points"]), exponent))
    return lines


def _purchase_fields(document: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: document.get(name) for name in PURCHASE_OWN}
    fields["coupons"] = tuple(document.get("coupons", ()))
    fields["attributes"] = {name: value for name, value in document.items() if name not in PURCHASE_READ}
    return fields


def read_purchase(document: Mapping[str, Any], exponent: int) -> Purchase:
    return Purchase(
        at=read_instant(document["at"]),
        lines=read_lines(document, exponent),
        paid_with_points=to_minor(str(document.get("paid_with_points", 0)), exponent),
        **_purchase_fields(document),
    )


def read_history(document: Mapping[str, Any], settings: ProgramSettings) -> HistoryPurchase:
    """An earlier purchase net of returns (C13)."""
    lines = read_lines(document, settings.exponent)
    returned = {line.line_id: Decimal(str(document["lines"][line.number - 1].get("returned", 0))) for line in lines}
    points = document.get("points", {})
    if not isinstance(points, Mapping):
        points = {settings.default_point_type: points}
    return HistoryPurchase(
        at=read_instant(document["at"]),
        lines=kept_lines(lines, returned),
        points={code: half_up(exact(str(one)) * settings.point_scale(code)) for code, one in points.items()},
        **_purchase_fields(document),
    )


def read_member(document: Mapping[str, Any], program: Mapping[str, Any]) -> MemberView:
    """The member; ``tiers`` of the program, the lowest first, give the ranks, and ``schemes`` those of other schemes."""
    birthday = document.get("birthday")
    return MemberView(
        id=str(document.get("id", "")),
        tier=document.get("tier"),
        tier_ranks=_ranks(program.get("tiers", ())),
        segments=frozenset(document.get("segments", ())),
        birthday=None if birthday is None else date.fromisoformat(birthday),
        attributes={name: value for name, value in document.items() if name not in MEMBER_READ},
        tiers=dict(document.get("tiers", {})),
        scheme_ranks={scheme: _ranks(tiers) for scheme, tiers in program.get("schemes", {}).items()},
    )


def _ranks(tiers: Sequence[str]) -> dict[str, int]:
    return {tier: rank for rank, tier in enumerate(tiers)}


def read_events(documents: Sequence[Mapping[str, Any]]) -> tuple[HistoryEvent, ...]:
    return tuple(
        HistoryEvent(read_instant(one["at"]), one["type"], {key: one[key] for key in one if key not in ("at", "type")})
        for one in documents
    )


def read_used_limits(used: Mapping[str, Any], ruleset: RuleSet) -> dict[str, int]:
    """What was used before, by counter: named by counter, by ``rule:limit``, by name or by bare id of the limit."""
    found: dict[str, int] = {}
    rules: tuple[Rule, ...] = ruleset.rules
    for rule in rules:
        for limit in rule.limits:
            for name in (limit.counter, f"{rule.id}:{limit.id}", limit.name, limit.id):
                if name in used:
                    scale = 1
                    if limit.measure == "points":
                        scale = ruleset.settings.point_scale(limit.point_type or "")
                    elif limit.measure == "value":
                        scale = ruleset.settings.money_scale
                    found[limit.counter] = round_number(exact(str(used[name])) * scale, "up")
                    break
    return found


def read_context(document: Mapping[str, Any], ruleset: RuleSet) -> Context:
    """The whole context of a trial document."""
    settings = ruleset.settings
    purchase = read_purchase(document["purchase"], settings.exponent)
    return Context(
        member=read_member(document.get("member", {}), document.get("program", {})),
        purchase=replace(purchase, currency=purchase.currency or settings.currency),
        history=tuple(read_history(one, settings) for one in document.get("history", ())),
        events=read_events(document.get("events", ())),
        used_limits=read_used_limits(document.get("used_limits", {}), ruleset),
        account=document.get("account", {}),
        coupon=document.get("coupon", {}),
        program={key: value for key, value in document.get("program", {}).items() if not isinstance(value, list)},
    )
