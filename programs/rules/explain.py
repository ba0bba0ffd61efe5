"""Why a rule applied or did not, as JSON data; the words are made elsewhere, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from programs.rules.comparison import as_number
from programs.rules.compile import Rule
from programs.rules.compiler import decimal_text
from programs.rules.conditions import Node
from programs.rules.context import ProgramSettings
from programs.rules.proposal import Proposal
from programs.rules.state import State


def failing_leaf(node: Node, state: State) -> dict[str, Any]:
    """The first leaf because of which the condition is not true, with what was wanted and what was found.

    ``negated`` says that the leaf should have been false.
    """
    leaf, negated = _descend(node, state, wanted=True)
    value = leaf.fn(state, None)
    facts: dict[str, Any] = {
        "path": leaf.path,
        "condition": leaf.document,
        "unknown": value is None,
        "negated": negated,
    }
    if leaf.actual is not None:
        facts["actual"] = leaf.actual(state)
    return facts


def _descend(node: Node, state: State, *, wanted: bool) -> tuple[Node, bool]:
    """Follow the child that keeps ``node`` from being ``wanted``."""
    if not node.children:
        return node, not wanted
    kind = node.document["op"]
    child_wanted = wanted if kind in ("all", "any", "at_least") else not wanted
    unknown: Node | None = None
    for child in node.children:
        value = child.fn(state, None)
        if value is None:
            unknown = unknown or child
        elif value is not child_wanted:
            return _descend(child, state, wanted=child_wanted)
    return (node, not wanted) if unknown is None else _descend(unknown, state, wanted=child_wanted)


def missing_amount(leaf: Mapping[str, Any]) -> str | None:
    """How much is missing to a threshold of the failing leaf, as a decimal string; None when it has none."""
    condition = leaf["condition"]
    if leaf["negated"] or condition.get("cmp") not in ("gte", "gt", "eq"):
        return None
    wanted, actual = as_number(condition.get("value")), as_number(leaf.get("actual"))
    if wanted is None or actual is None or wanted <= actual:
        return None
    text = decimal_text(wanted - actual)
    written = str(condition["value"])
    places = len(written.partition(".")[2])
    if "/" in text or len(text.partition(".")[2]) >= places:
        return text
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(places, '0')}"


def not_applied(rule: Rule, reason: str, part: Node | None, state: State) -> dict[str, Any]:
    """The entry of a rule that was not applied; ``part`` is the condition that was not true."""
    entry: dict[str, Any] = {"rule": rule.id, "phase": rule.phase, "status": "not_applied", "reason": reason}
    if part is not None:
        entry["leaf"] = failing_leaf(part, state)
    elif reason == "outside_schedule":
        entry["local_time"] = state.shop_time().isoformat(timespec="minutes")
    return entry


def proposed(rule: Rule, proposal: Proposal, state: State, settings: ProgramSettings) -> dict[str, Any]:
    """Effects with their numbers and limits of a proposal; points and money as decimal strings."""
    scale = settings.money_scale
    effects: list[dict[str, Any]] = []
    for draft in proposal.points:
        point_scale = settings.point_scale(draft.point_type)
        effects.append(
            {
                "effect": "earn",
                "index": draft.effect_index,
                "type": draft.point_type,
                "formula": rule.effects[draft.effect_index].document["formula"],
                "basis": _basis(rule, draft.effect_index, draft.basis, settings),
                "numbers": draft.numbers,
                "lines": [
                    {"line": state.lines[position].line_id, "weight": weight}
                    for position, weight in zip(draft.positions, draft.weights, strict=True)
                ],
                "before_limits": decimal_text(Fraction(draft.wanted, point_scale)),
                "amount": decimal_text(Fraction(draft.amount, point_scale)),
            }
        )
    for reduction in proposal.discounts:
        effects.append(
            {
                "effect": rule.effects[reduction.effect_index].kind,
                "index": reduction.effect_index,
                "numbers": reduction.facts,
                "lines": [
                    {"line": state.lines[position].line_id, "weight": part} for position, part in reduction.parts
                ],
                "before_limits": decimal_text(Fraction(reduction.wanted, scale)),
                "amount": decimal_text(Fraction(reduction.amount, scale)),
            }
        )
    for other in proposal.others:
        effects.append({"effect": other.effect, "index": other.effect_index, "numbers": other.facts})
    return {"effects": effects, "limits": [_limit(note, settings) for note in proposal.limit_notes]}


def _basis(rule: Rule, effect_index: int, basis: int, settings: ProgramSettings) -> str:
    """What the formula worked on: units, base points, or money."""
    formula = rule.effects[effect_index].document["formula"]
    if formula["kind"] == "per_unit" or "units" in formula.get("for_every", {}):
        return str(basis)
    if formula["kind"] == "multiply":
        scale = settings.point_scale(rule.effects[effect_index].point_type)
        return decimal_text(Fraction(basis, scale))
    if formula["kind"] == "table" and formula.get("position", {}).get("measure") == "units":
        return str(basis)
    return decimal_text(Fraction(basis, settings.money_scale))


def _limit(note: tuple[Any, int, int, int], settings: ProgramSettings) -> dict[str, Any]:
    limit, left, before, after = note
    scale = 1
    if limit.measure == "points":
        scale = settings.point_scale(limit.point_type)
    elif limit.measure == "value":
        scale = settings.money_scale
    return {
        "limit": limit.id,
        "measure": limit.measure,
        "max": decimal_text(Fraction(limit.maximum, scale)),
        "left": decimal_text(Fraction(left, scale)),
        "before": decimal_text(Fraction(before, scale)),
        "after": decimal_text(Fraction(after, scale)),
    }
