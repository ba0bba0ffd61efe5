"""The trial document: one JSON document in, one out. The same evaluation as everywhere, with every rule looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from programs.rules.compile import RuleSet
from programs.rules.context import Context, ProgramSettings
from programs.rules.evaluate import evaluate
from programs.rules.language import validate
from programs.rules.money import from_minor
from programs.rules.outcome import EffectGrant, Outcome
from programs.rules.returns import DISCOUNT, RECOMPUTE, GrantKey, granted_amounts, granted_effects, judge_return
from programs.rules.trial_document import read_context, read_settings

VOUCHER_EFFECTS = ("voucher", "coupon")


def run_trial(document: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluate the purchase of a trial document, then its returns in order.

    Points and money of the answer are decimal strings. Rules that are not valid give
    ``{"errors": [{"rule", "path", "code", "facts"}]}`` and nothing is evaluated.
    """
    settings = read_settings(document.get("program", {}))
    rules = document.get("rules", ())
    lists = document.get("lists", {})
    errors = _errors(rules, lists)
    if errors:
        return {"errors": errors}
    ruleset = RuleSet.build(rules, settings, lists, use_index=False)
    context = read_context(document, ruleset)
    outcome = evaluate(ruleset, context)
    answer = _answer(outcome, settings)
    returns = document.get("returns")
    if returns:
        answer.update(_returned(ruleset, context, outcome, returns, document.get("return_mode", RECOMPUTE)))
    return answer


def _errors(rules: Sequence[Mapping[str, Any]], lists: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    seen: set[Any] = set()
    for rule in rules:
        name = rule.get("id") if isinstance(rule, Mapping) else None
        found += [
            {"rule": name, "path": path, "code": code, "facts": facts}
            for path, code, facts in validate(rule, lists=lists, is_trial=True)
        ]
        if name in seen:
            found.append({"rule": name, "path": "/id", "code": "duplicate_rule", "facts": {}})
        seen.add(name)
    return found


def _points(amount: int, code: str, settings: ProgramSettings) -> str:
    decimals = next((one.decimals for one in settings.point_types if one.code == code), 0)
    return from_minor(amount, decimals)


def _answer(outcome: Outcome, settings: ProgramSettings) -> dict[str, Any]:
    codes = [one.code for one in settings.point_types]
    codes += [code for code in outcome.points if code not in codes]
    return {
        "points": {code: _points(outcome.points.get(code, 0), code, settings) for code in codes},
        "by_rule": _by_rule(outcome, settings),
        "not_applied": dict(outcome.not_applied),
        "discount": from_minor(outcome.discount, settings.exponent),
        "vouchers": [code for effect in outcome.effects for code in _vouchers(effect)],
        "lines": [
            {
                "line_id": line.line_id,
                "base": _typed(line.base, codes, settings),
                "bonus": _typed(line.bonus, codes, settings),
                "discount": from_minor(line.discount, settings.exponent),
            }
            for line in outcome.lines
        ],
        "reversed": {},
        "explanation": list(outcome.explanation),
    }


def _typed(amounts: Mapping[str, int], codes: Sequence[str], settings: ProgramSettings) -> dict[str, str]:
    return {code: _points(amounts.get(code, 0), code, settings) for code in codes}


def _vouchers(effect: EffectGrant) -> list[str]:
    """Templates of the vouchers and coupons that an effect issues; a full stamp card issues its own."""
    if effect.branch != "then" or "template" not in effect.document:
        return []
    if effect.effect in VOUCHER_EFFECTS:
        return [effect.document["template"]]
    return [effect.document["template"]] * int(effect.facts.get("rewards", 0)) if effect.effect == "stamp" else []


def _by_rule(outcome: Outcome, settings: ProgramSettings) -> dict[str, Any]:
    """Everything a rule granted: points by type, money off, vouchers, and the other effects with their facts."""
    points: dict[str, dict[str, int]] = {rule: {} for rule in outcome.applied}
    for grant in outcome.grants:
        row = points[grant.rule]
        row[grant.point_type] = row.get(grant.point_type, 0) + grant.amount
    answer: dict[str, Any] = {}
    for rule, row in points.items():
        effects = [effect for effect in outcome.effects if effect.rule == rule and effect.branch == "then"]
        discount = sum(one.amount for one in outcome.discounts if one.rule == rule)
        answer[rule] = {
            "points": {code: _points(amount, code, settings) for code, amount in row.items()},
            "discount": from_minor(discount, settings.exponent),
            "vouchers": [code for effect in effects for code in _vouchers(effect)],
            "effects": [
                {"effect": effect.effect, "document": dict(effect.document), "facts": dict(effect.facts)}
                for effect in effects
                if effect.effect not in VOUCHER_EFFECTS
            ],
        }
    return answer


def _returned(
    ruleset: RuleSet, context: Context, outcome: Outcome, returns: Sequence[Sequence[Any]], mode: str
) -> dict[str, Any]:
    """Judge the returns in order; answers what the last one takes back."""
    assert context.purchase is not None
    settings = ruleset.settings
    granted = granted_amounts(outcome)
    effects = granted_effects(outcome)
    returned: dict[str, Decimal] = {}
    line_ids = {line.number - 1: line.line_id for line in context.purchase.lines}
    done: Mapping[GrantKey, int] = {}
    amounts: Mapping[GrantKey, int] = {}
    for one in returns:
        for index, units in one:
            line_id = line_ids[index]
            returned[line_id] = returned.get(line_id, Decimal(0)) + Decimal(str(units))
        reversal = judge_return(ruleset, context, granted, returned, mode, already_reversed=done, effects=effects)
        done, amounts = reversal.so_far, reversal.amounts
    types: dict[str, int] = {one.code: 0 for one in settings.point_types}
    by_rule: dict[str, dict[str, str]] = {}
    rules: dict[tuple[str, str], int] = {}
    for (rule, _, code), amount in amounts.items():
        rules[rule, code] = rules.get((rule, code), 0) + amount
        if code != DISCOUNT:
            types[code] = types.get(code, 0) + amount
    for (rule, code), amount in rules.items():
        name = "discount" if code == DISCOUNT else code
        by_rule.setdefault(rule, {})[name] = (
            from_minor(amount, settings.exponent) if code == DISCOUNT else _points(amount, code, settings)
        )
    return {
        "reversed": {code: _points(amount, code, settings) for code, amount in types.items()},
        "reversed_by_rule": by_rule,
    }
