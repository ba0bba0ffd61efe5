"""The same promotions for zen-engine (Rust), as one compiled expression that answers the points of every rule.

Everything that is laborious there is worked out for it beforehand and not timed: the amount of the purchase, units,
base points of each line, the local hour, values of the history. Limits, groups and explanations are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import zen

from programs.rules import Context, Outcome, ProgramSettings
from programs.rules.history import spec_key
from tests.bench.promotions import TIERS

COMPARED = {"eq": "==", "gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
HUNDRED = 100


class ZenRules:
    """All rules in one call: an array with the points of each rule, nothing where it does not hold."""

    def __init__(self, documents: Sequence[Mapping[str, Any]], settings: ProgramSettings) -> None:
        self.ids = [document["id"] for document in documents]
        self.zone = ZoneInfo(settings.timezone)
        self.expression = zen.compile_expression(f"[{', '.join(_rule(document) for document in documents)}]")

    def points(self, given: Mapping[str, Any]) -> list[float]:
        answer: list[float] = self.expression.evaluate(given)
        return answer

    def given(self, context: Context, outcome: Outcome) -> dict[str, Any]:
        """What the expression reads of a purchase."""
        purchase, member = context.purchase, context.member
        assert purchase is not None
        now = purchase.at.astimezone(self.zone)
        base = {line.line_id: line.base.get("POINTS", 0) for line in outcome.lines}
        return {
            "lines": [
                {
                    "sku": line.sku,
                    "categories": list(line.categories),
                    "paid": line.paid,
                    "units": line.units,
                    "base": base[line.line_id],
                }
                for line in purchase.lines
            ],
            "amount": sum(line.paid for line in purchase.lines),
            "base": sum(base.values()),
            "channel": purchase.channel,
            "store": purchase.store,
            "weekday": now.isoweekday(),
            "hour": now.hour,
            "tier": member.tier_ranks[member.tier or ""],
            "segments": sorted(member.segments),
            "number": (context.purchases_before or 0) + 1,
            "history": dict(context.history_values),
        }


def _rule(document: Mapping[str, Any]) -> str:
    conditions = [_condition(document[part]) for part in ("audience", "when") if part in document]
    conditions += [_schedule(document["schedule"])] if "schedule" in document else []
    (effect,) = document["then"]
    points = _points(effect["formula"], effect.get("where"))
    return f"({' and '.join(conditions)} ? {points} : 0)" if conditions else points


def _schedule(schedule: Mapping[str, Any]) -> str:
    ((first, last),) = schedule["times"]
    return f"(weekday in {schedule['weekdays']} and hour >= {int(first[:2])} and hour < {int(last[:2])})"


def _text(value: Any) -> str:
    return json.dumps(value)


def _line(where: Mapping[str, Any]) -> str:
    if where["cmp"] == "overlaps":
        (value,) = where["value"]
        return f"{_text(value)} in #.categories"
    return f"#.sku in {_text(where['value'])}"


def _condition(condition: Mapping[str, Any]) -> str:
    kind = condition["op"]
    if kind == "all":
        return f"({' and '.join(_condition(part) for part in condition['of'])})"
    if kind == "lines":
        return f"some(lines, {_line(condition['where'])})"
    if kind == "in_segment":
        return f"{_text(condition['segment'])} in segments"
    if kind == "purchase_number":
        if "every" in condition:
            return f"number % {condition['every']} == 0"
        return f"number {COMPARED[condition['cmp']]} {condition['value']}"
    if kind == "history":
        scale = HUNDRED if condition["measure"] == "amount" else 1
        value = int(condition["value"]) * scale
        return f"history[{_text(spec_key(condition))}] {COMPARED[condition['cmp']]} {value}"
    if condition["attr"] == "member.tier":
        return f"tier {COMPARED[condition['cmp']]} {TIERS.index(condition['value'])}"
    name = condition["attr"].partition(".")[2]
    if name == "amount":
        return f"amount {COMPARED[condition['cmp']]} {int(Decimal(condition['value']) * HUNDRED)}"
    return f"{name} in {_text(condition['value'])}"


def _sum(name: str, where: Mapping[str, Any] | None) -> str:
    return name if where is None else f"sum(map(filter(lines, {_line(where)}), #.{name}))"


def _points(formula: Mapping[str, Any], where: Mapping[str, Any] | None) -> str:
    kind = formula["kind"]
    if kind == "fixed":
        return str(formula["points"])
    if kind == "multiply":
        return f"{int(formula['factor']) - 1} * {_sum('base', where)}"
    if kind == "per_unit":
        return f"{formula['points']} * {_sum('units', where)}"
    per = int(Decimal(formula["per"]) * HUNDRED)
    return f"{formula['points']} * floor({_sum('amount' if where is None else 'paid', where)} / {per})"
