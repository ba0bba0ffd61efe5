"""Why a rule applied or did not, as JSON data; the words are made elsewhere, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from programs.rules.comparison import as_number
from programs.rules.compiler import decimal_quotient, decimal_text
from programs.rules.context import ProgramSettings
from programs.rules.decision import Shortfall
from programs.rules.limits import Limit
from programs.rules.outcome import Grant
from programs.rules.proposal import Wish
from programs.rules.rule import Rule
from programs.rules.state import State


def failing_leaf(found: Shortfall, state: State) -> dict[str, Any]:
    """The first leaf because of which a condition is not true, with what was wanted and what was found."""
    leaf = found.leaf
    assert leaf is not None, "a condition that is not true has such a leaf"
    facts: dict[str, Any] = {
        "path": leaf.path,
        "condition": leaf.document,
        "unknown": found.value is None,
        "negated": found.negated,
    }
    if leaf.actual is not None:
        facts["actual"] = leaf.actual(state)
    return facts


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


def not_applied(rule: Rule, found: Shortfall, state: State) -> dict[str, Any]:
    """The entry of a rule that does not hold."""
    if found.part is None:
        return outside(rule.id, rule.phase, found.reason, local_time(state))
    return {
        "rule": rule.id, "phase": rule.phase, "status": "not_applied", "reason": found.reason,
        "leaf": failing_leaf(found, state),
    }  # fmt: skip


def local_time(state: State) -> str:
    """The time of the shop as it is said, by the minute."""
    said = state.memo.get("local_time")
    if said is None:
        said = state.memo["local_time"] = state.shop_time().isoformat(timespec="minutes")
    return str(said)


def outside(rule_id: str, phase: str, reason: str, told_time: str) -> dict[str, Any]:
    """The entry of a rule that is not on at a local time."""
    return {"rule": rule_id, "phase": phase, "status": "not_applied", "reason": reason, "local_time": told_time}


def proposed(proposal: Wish, state: State, settings: ProgramSettings) -> dict[str, Any]:
    """Effects with their numbers and limits of a proposal; points and money as decimal strings."""
    effects: list[dict[str, Any]] = [_points(draft, state, settings) for draft in proposal.points]
    for reduction in proposal.discounts:
        scale = settings.money_scale
        effects.append(
            {
                "effect": proposal.owner.effects[reduction.effect_index].kind,
                "index": reduction.effect_index,
                "numbers": reduction.facts,
                "lines": [
                    {"line": state.lines[position].line_id, "weight": part} for position, part in reduction.parts
                ],
                "before_limits": decimal_quotient(reduction.wanted, scale),
                "amount": decimal_quotient(reduction.amount, scale),
            }
        )
    for other in proposal.others:
        effects.append({"effect": other.effect, "index": other.effect_index, "numbers": other.facts})
    return {"effects": effects, "limits": [_limit(note, settings) for note in proposal.limit_notes]}


def _points(draft: Grant, state: State, settings: ProgramSettings) -> dict[str, Any]:
    effect, cut_from = draft.effect, draft.cut_from
    amount = decimal_quotient(draft.amount, effect.scale)
    return {
        "effect": "earn",
        "index": effect.index,
        "type": effect.point_type,
        "formula": effect.document["formula"],
        "basis": decimal_quotient(draft.basis, effect.basis_scale),
        "numbers": draft.numbers,
        "lines": _weighed(draft, state),
        "before_limits": amount if cut_from is None else decimal_quotient(cut_from, effect.scale),
        "amount": amount,
    }


def _weighed(draft: Grant, state: State) -> list[dict[str, Any]]:
    """What each line brought into the basis. Grants that stand on the same share it, for nobody changes it."""
    weights = draft.weights
    known = state.memo.get(id(weights))
    if known is None:
        lines = state.lines
        found = [
            {"line": lines[position].line_id, "weight": weight}
            for position, weight in zip(draft.positions, weights, strict=True)
        ]
        # With the weights, so that no others can come to lie at their place.
        known = state.memo[id(weights)] = weights, found
    return known[1]  # type: ignore[no-any-return]


def _limit(note: tuple[Limit, int, int, int], settings: ProgramSettings) -> dict[str, Any]:
    limit, left, before, after = note
    scale = 1
    if limit.measure == "points":
        scale = settings.point_scale(limit.point_type or "")
    elif limit.measure == "value":
        scale = settings.money_scale
    return {
        "limit": limit.id,
        "measure": limit.measure,
        "max": decimal_quotient(limit.maximum, scale),
        "left": decimal_quotient(left, scale),
        "before": decimal_quotient(before, scale),
        "after": decimal_quotient(after, scale),
    }
