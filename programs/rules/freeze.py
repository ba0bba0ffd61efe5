"""A context reduced to the values that candidate rules read, as JSON data without the member's identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from programs.rules.attributes import LINE_FIELDS, LINE_MONEY, PURCHASE_FIELDS, TXN_DERIVED, TXN_MONEY
from programs.rules.compile import RuleSet
from programs.rules.context import Context, Event, Line, MemberView, Purchase
from programs.rules.holdout import bucket_of
from programs.rules.needs import candidate_rules
from programs.rules.outcome import Outcome
from programs.rules.rule import Rule
from programs.rules.state import State
from programs.rules.view import walk

VERSION = 1
_CATEGORIES = "categories"
_LINE_CODES = ("sku", "product", "brand", _CATEGORIES)
_LINE_KNOWN = (*LINE_FIELDS, *LINE_MONEY)
_PURCHASE_KNOWN = (*PURCHASE_FIELDS, *TXN_MONEY, *TXN_DERIVED)


def freeze(ruleset: RuleSet, context: Context, outcome: Outcome | None = None) -> dict[str, Any]:
    """The context as JSON data: evaluated again after ``thaw`` it gives the same outcome without trace.

    History becomes the values of the history specs; the member id becomes the buckets of the control groups.

    :param outcome: what the same context was judged to, so that nothing is worked out twice.
    """
    if outcome is None:
        state = State(context, ruleset.settings, ruleset.filters)
        rules: Iterable[Rule] = candidate_rules(ruleset, state)
    else:
        state, rules = outcome.start, outcome.looked_at
    paths: set[str] = set()
    history: dict[str, Any] = {}
    limits: dict[str, int] = {}
    buckets: dict[str, int] = {}
    counts = False
    for rule in rules:
        paths |= rule.reads.attributes
        counts |= rule.reads.purchase_count
        for spec in rule.reads.history.values():
            history[spec.key] = state.history_base(spec)
        for limit in rule.limits:
            if limit.scope != "transaction":
                limits[limit.counter] = limit.used(context.used_limits)
        if rule.holdout is not None:
            salt = rule.holdout[0]
            known = context.member.buckets.get(salt)
            buckets[salt] = bucket_of(salt, context.member.id) if known is None else known
    number = state.purchase_number() if counts else None
    asked = frozenset(paths)
    frozen: dict[str, Any] = {
        "version": VERSION,
        "trigger": context.trigger,
        "member": _freeze_member(context.member, asked, buckets),
        "history_values": history,
        "used_limits": limits,
    }
    if context.purchase is not None:
        frozen["purchase"] = _freeze_purchase(context.purchase, state.lines, asked)
    if context.event is not None:
        frozen["event"] = _freeze_event(context.event, asked)
    if number is not None:
        frozen["purchases_before"] = number - 1
    if context.only_rules is not None:
        frozen["only_rules"] = sorted(context.only_rules)
    for entity in ("account", "coupon", "program"):
        values = _picked(getattr(context, entity), _rests(asked, entity))
        if values:
            frozen[entity] = values
    return frozen


def thaw(frozen: Mapping[str, Any]) -> Context:
    """The context of a frozen document."""
    assert frozen["version"] == VERSION, frozen["version"]
    purchase, event, only = frozen.get("purchase"), frozen.get("event"), frozen.get("only_rules")
    return Context(
        member=_thaw_member(frozen["member"]),
        purchase=None if purchase is None else _thaw_purchase(purchase),
        event=None if event is None else _thaw_event(event),
        trigger=frozen["trigger"],
        used_limits=dict(frozen["used_limits"]),
        account=_decoded(frozen.get("account", {})),
        coupon=_decoded(frozen.get("coupon", {})),
        program=_decoded(frozen.get("program", {})),
        purchases_before=frozen.get("purchases_before"),
        history_values=dict(frozen["history_values"]),
        only_rules=None if only is None else frozenset(only),
    )


def encode(value: Any) -> Any:
    """A value as JSON data that keeps its type."""
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, set | frozenset):
        return sorted(encode(one) for one in value)
    if isinstance(value, list | tuple):
        return [encode(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): encode(one) for name, one in value.items()}
    return value


def decode(value: Any) -> Any:
    """The opposite of ``encode``; lists stay lists."""
    if isinstance(value, list):
        return [decode(one) for one in value]
    if isinstance(value, Mapping):
        if "$decimal" in value:
            return Decimal(value["$decimal"])
        if "$instant" in value:
            return datetime.fromisoformat(value["$instant"])
        if "$date" in value:
            return date.fromisoformat(value["$date"])
        return _decoded(value)
    return value


def _decoded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: decode(value) for name, value in values.items()}


# Most purchases of a day are asked the same.
@lru_cache(maxsize=1024)
def _rests(paths: frozenset[str], entity: str) -> tuple[str, ...]:
    prefix = f"{entity}."
    return tuple(sorted(path[len(prefix) :] for path in paths if path.startswith(prefix)))


@lru_cache(maxsize=1024)
def _without(rests: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(rest for rest in rests if rest not in known)


def _picked(values: Mapping[str, Any], rests: Sequence[str]) -> dict[str, Any]:
    """The values of dotted paths, kept under the whole path."""
    if not values or not rests:
        return {}
    found = ((rest, walk(values, rest, tuple(rest.split(".")))) for rest in rests)
    return {rest: encode(value) for rest, value in found if value is not None}


def _freeze_member(member: MemberView, paths: frozenset[str], buckets: dict[str, int]) -> dict[str, Any]:
    rests = _rests(paths, "member")
    segments = {path.partition(":")[2] for path in paths if path.startswith("segment:")}
    frozen: dict[str, Any] = {"attributes": _picked(member.attributes, rests), "buckets": buckets}
    frozen["segments"] = sorted(member.segments if "segments" in rests else member.segments & segments)
    if "tier" in rests:
        frozen["tier"], frozen["tier_ranks"] = member.tier, dict(member.tier_ranks)
    schemes = [rest.partition(".")[2] for rest in rests if rest.startswith("tier.")]
    if schemes:
        frozen["tiers"] = {scheme: member.tiers.get(scheme) for scheme in schemes}
        frozen["scheme_ranks"] = {scheme: dict(member.scheme_ranks.get(scheme, {})) for scheme in schemes}
    if member.birthday is not None and ("birthday" in rests or ("age" in rests and "age" not in member.attributes)):
        frozen["birthday"] = member.birthday.isoformat()
    return frozen


def _thaw_member(frozen: Mapping[str, Any]) -> MemberView:
    birthday = frozen.get("birthday")
    return MemberView(
        tier=frozen.get("tier"),
        tier_ranks=frozen.get("tier_ranks", {}),
        segments=frozenset(frozen["segments"]),
        birthday=None if birthday is None else date.fromisoformat(birthday),
        attributes=_decoded(frozen["attributes"]),
        tiers={scheme: tier for scheme, tier in frozen.get("tiers", {}).items() if tier is not None},
        scheme_ranks=frozen.get("scheme_ranks", {}),
        buckets=frozen["buckets"],
    )


def _freeze_purchase(purchase: Purchase, lines: tuple[Line, ...], paths: frozenset[str]) -> dict[str, Any]:
    rests = _rests(paths, "txn")
    # A limit counts per store or partner without any condition that names them.
    fields = {name for name in rests if name in PURCHASE_FIELDS} | {"store", "partner"}
    line_rests = _rests(paths, "line")
    codes, attributes = [name for name in _LINE_CODES if name in line_rests], _without(line_rests, _LINE_KNOWN)
    return {
        "at": purchase.at.isoformat(),
        "store_tz": purchase.store_tz,
        "paid_with_points": purchase.paid_with_points,
        "fields": {name: encode(getattr(purchase, name)) for name in sorted(fields) if getattr(purchase, name)},
        "attributes": _picked(purchase.attributes, _without(rests, _PURCHASE_KNOWN)),
        "lines": [_freeze_line(line, codes, attributes) for line in lines],
    }


def _freeze_line(line: Line, codes: Sequence[str], rests: Sequence[str]) -> dict[str, Any]:
    frozen: dict[str, Any] = {
        "line_id": line.line_id,
        "number": line.number,
        "qty": str(line.qty),
        "unit": line.unit,
        "paid": line.paid,
        "list_amount": line.list_amount,
        "points_paid": line.points_paid,
    }
    if line.tax_rate is not None:
        frozen["tax_rate"] = str(line.tax_rate)
    for name in codes:
        value = getattr(line, name)
        if value:
            frozen[name] = list(value) if name == _CATEGORIES else value
    attributes = _picked(line.attributes, rests)
    if attributes:
        frozen["attributes"] = attributes
    return frozen


def _thaw_line(frozen: Mapping[str, Any]) -> Line:
    tax_rate = frozen.get("tax_rate")
    return Line(
        line_id=frozen["line_id"],
        number=frozen["number"],
        sku=frozen.get("sku"),
        product=frozen.get("product"),
        categories=tuple(frozen.get("categories", ())),
        brand=frozen.get("brand"),
        qty=Decimal(frozen["qty"]),
        unit=frozen["unit"],
        paid=frozen["paid"],
        list_amount=frozen["list_amount"],
        tax_rate=None if tax_rate is None else Decimal(tax_rate),
        attributes=_decoded(frozen.get("attributes", {})),
        points_paid=frozen["points_paid"],
    )


def _thaw_purchase(frozen: Mapping[str, Any]) -> Purchase:
    fields = _decoded(frozen["fields"])
    if "coupons" in fields:
        fields["coupons"] = tuple(fields["coupons"])
    return Purchase(
        at=datetime.fromisoformat(frozen["at"]),
        lines=tuple(_thaw_line(line) for line in frozen["lines"]),
        store_tz=frozen["store_tz"],
        paid_with_points=frozen["paid_with_points"],
        attributes=_decoded(frozen["attributes"]),
        **fields,
    )


def _freeze_event(event: Event, paths: frozenset[str]) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "type": event.type,
        "store_tz": event.store_tz,
        "attributes": _picked(event.attributes, _rests(paths, "event")),
    }


def _thaw_event(frozen: Mapping[str, Any]) -> Event:
    return Event(
        at=datetime.fromisoformat(frozen["at"]),
        type=frozen["type"],
        store_tz=frozen["store_tz"],
        attributes=_decoded(frozen["attributes"]),
    )
