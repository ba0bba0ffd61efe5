"""From what was decided about purchases, kept or just written, to what people are told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from loyalty.kernel.phrases import one_language
from loyalty.kernel.text import Texts
from members.activity import why
from members.activity.explained import (
    AppliedRule,
    ExplainedLine,
    ExplainedPurchase,
    ExplainedReturn,
    GivenDiscount,
    GivenEffect,
    MissedRule,
    Receipt,
)
from members.activity.intake import Foreign
from programs.promotions import naming, snapshots
from programs.promotions.snapshots import FrozenProgram, FrozenRule

Rules = Mapping[str, FrozenRule]
_PLACES_KEPT = 10_000
_RECEIPT = tuple(one.name for one in fields(Receipt))


class LineFacts(NamedTuple):
    """A line of a receipt; ``product`` is the name that the catalog knows."""

    line_id: str
    sku: str
    product: str | None
    quantity: Decimal
    unit: str
    amount: int
    returned_quantity: Decimal
    returned_amount: int


@dataclass(frozen=True, slots=True)
class Facts(Receipt):
    """A purchase, and the outcome of its evaluation as it is kept; see :class:`ExplainedPurchase` for the rest."""

    foreign: Foreign | None
    lines: tuple[LineFacts, ...]
    evaluation_id: int
    snapshot_number: int
    outcome: Mapping[str, Any]
    returns: tuple[ExplainedReturn, ...] = ()


def tell(facts: Sequence[Facts]) -> dict[int, ExplainedPurchase]:
    """Purchases by key, with the reason of every point in the active language.

    The names of what the sentences speak of are read, a query for each kind of thing.
    """
    read = [why.read(one.outcome, snapshots.of_number(one.snapshot_number)) for one in facts]
    names = naming.Names()
    names.read_ahead({code for one in read for missed in one.missed.values() for code in missed.codes})
    with naming.naming(names), one_language():
        return {one.id: _told(one, explained, names) for one, explained in zip(facts, read, strict=True)}


def _told(one: Facts, read: why.Explained, names: naming.Names) -> ExplainedPurchase:
    frozen = snapshots.of_number(one.snapshot_number)
    _ruleset, rules = frozen.at(one.at)
    return ExplainedPurchase(
        **{name: getattr(one, name) for name in _RECEIPT},
        evaluation_id=one.evaluation_id,
        snapshot_number=one.snapshot_number,
        decimals=decimals(frozen),
        points=one.outcome["points"],
        lines=_lines(one, rules),
        applied=_applied_rules(one.outcome, read, rules, frozen),
        not_applied=_missed_rules(read, rules, frozen, names),
        returns=one.returns,
        discounts=_discounts(one.outcome, rules),
        effects=_effects(one.outcome, rules),
        foreign=one.foreign,
        payment=one.outcome.get("payment"),
    )


def decimals(frozen: FrozenProgram) -> dict[str, int]:
    """The decimals of each point type of a snapshot, in the program's order."""
    return {one.code: one.decimals for one in frozen.settings.point_types}


def _discounts(outcome: Mapping[str, Any], rules: Rules) -> tuple[GivenDiscount, ...]:
    return tuple(
        GivenDiscount(one["rule"], _name(one["rule"], rules), line_id, amount)
        for one in outcome.get("discounts", ())
        for line_id, amount in one["lines"]
    )


def _effects(outcome: Mapping[str, Any], rules: Rules) -> tuple[GivenEffect, ...]:
    return tuple(
        GivenEffect(one["rule"], _name(one["rule"], rules), one["kind"], one["issued"])
        for one in outcome.get("effects", ())
    )


def _name(rule: str, rules: Rules) -> str:
    return str(Texts(rules[rule].name))


def _is_base(rule: FrozenRule) -> bool:
    return bool(rule.document.get("phase") == "base")


def _lines(one: Facts, rules: Rules) -> tuple[ExplainedLine, ...]:
    base: dict[str, dict[str, int]] = {}
    bonus: dict[str, dict[str, int]] = {}
    for grant in one.outcome["grants"]:
        by_line = base if _is_base(rules[grant["rule"]]) else bonus
        for line_id, amount in grant["lines"]:
            points = by_line.setdefault(line_id, {})
            points[grant["type"]] = points.get(grant["type"], 0) + amount
    return tuple(
        ExplainedLine(*line, base=base.get(line.line_id, {}), bonus=bonus.get(line.line_id, {})) for line in one.lines
    )


def applied_rules(outcome: Mapping[str, Any], rules: Rules, frozen: FrozenProgram) -> tuple[AppliedRule, ...]:
    """The rules that gave something by an outcome, in the order in which they gave it."""
    return _applied_rules(outcome, why.read(outcome, frozen), rules, frozen)


def _applied_rules(
    outcome: Mapping[str, Any], read: why.Explained, rules: Rules, frozen: FrozenProgram
) -> tuple[AppliedRule, ...]:
    given: dict[str, dict[str, int]] = {}
    for grant in outcome["grants"]:
        points = given.setdefault(grant["rule"], {})
        points[grant["type"]] = points.get(grant["type"], 0) + grant["amount"]
    for code in read.applied:
        given.setdefault(code, {})
    return tuple(
        AppliedRule(
            rule=code,
            name=_name(code, rules),
            is_base=_is_base(rules[code]),
            points=points,
            why=why.applied(read.applied[code], rules, frozen.settings) if code in read.applied else "",
        )
        for code, points in given.items()
    )


def _missed_rules(
    read: why.Explained, rules: Rules, frozen: FrozenProgram, names: naming.Names
) -> tuple[MissedRule, ...]:
    missed = read.missed
    return tuple([missed[code].tell(rules, frozen, names) for code in sorted(missed, key=_place)])


@lru_cache(maxsize=_PLACES_KEPT)
def _place(code: str) -> tuple[int, bytes]:
    """Where the database puts a key of a document: receipts have always told them so."""
    key = code.encode()
    return len(key), key
