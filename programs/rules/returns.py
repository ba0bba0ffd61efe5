"""What a return takes back: by evaluating the kept units again (C17), in proportion (C18), or nothing (keep)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from msgspec.structs import replace

from programs.rules.compile import RuleSet
from programs.rules.context import Context, Line
from programs.rules.evaluate import evaluate
from programs.rules.money import half_up, kept_lines
from programs.rules.outcome import Outcome
from programs.rules.state import State

RECOMPUTE, PROPORTIONAL, KEEP = "recompute", "proportional", "keep"
DISCOUNT = "$discount"

GrantKey: TypeAlias = tuple[str, int, str]
EffectKey: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a return takes back.

    :param amounts: what this return takes back, by (rule, effect index, point type), smallest units; only positive.
    :param so_far: what all returns so far take back.
    :param withdrawn: effects that were granted and are no longer, by (rule, effect index).
    :param kept: the lines still kept.
    :param outcome: what the kept lines earn now; None when nothing had to be evaluated.
    """

    amounts: Mapping[GrantKey, int]
    so_far: Mapping[GrantKey, int]
    withdrawn: tuple[EffectKey, ...]
    kept: tuple[Line, ...]
    outcome: Outcome | None


def granted_amounts(outcome: Outcome) -> dict[GrantKey, int]:
    """What an outcome granted; discounts, in minor units, under the type ``$discount``."""
    amounts: dict[GrantKey, int] = {}
    for grant in outcome.grants:
        key = (grant.rule, grant.effect_index, grant.point_type)
        amounts[key] = amounts.get(key, 0) + grant.amount
    for discount in outcome.discounts:
        key = (discount.rule, discount.effect_index, DISCOUNT)
        amounts[key] = amounts.get(key, 0) + discount.amount
    return amounts


def granted_effects(outcome: Outcome) -> tuple[EffectKey, ...]:
    """The other effects that an outcome granted."""
    return tuple((effect.rule, effect.effect_index) for effect in outcome.effects if effect.branch == "then")


def judge_return(
    ruleset: RuleSet,
    context: Context,
    granted: Mapping[GrantKey, int],
    returned: Mapping[str, Decimal],
    mode: str = RECOMPUTE,
    *,
    already_reversed: Mapping[GrantKey, int] | None = None,
    effects: Collection[EffectKey] = (),
) -> Reversal:
    """Judge a return under the rules and the context of the purchase; it never adds points.

    :param context: of the purchase, with the lines as they were bought; may be thawed.
    :param granted: what the purchase granted, see ``granted_amounts``.
    :param returned: units returned so far, this return included, by line id.
    :param mode: ``recompute``, ``proportional`` or ``keep``; a rule's own ``on_return`` wins.
    :param already_reversed: what earlier returns of the purchase took back.
    :param effects: other effects that the purchase granted, see ``granted_effects``.
    """
    assert context.purchase is not None, "only a purchase is returned"
    lines = State(context, ruleset.settings, ruleset.filters).lines
    kept = kept_lines(lines, returned)
    own = {rule.id: rule.on_return for rule in ruleset.rules if rule.on_return is not None}
    rules = {key[0] for key in granted} | {key[0] for key in effects}
    modes = {rule: own.get(rule, mode) for rule in rules}
    outcome: Outcome | None = None
    now: dict[GrantKey, int] = {}
    effects_now: frozenset[EffectKey] = frozenset()
    if kept and RECOMPUTE in modes.values():
        outcome = evaluate(ruleset, _kept_context(context, kept), trace=False)
        now, effects_now = granted_amounts(outcome), frozenset(granted_effects(outcome))
    share = _returned_share(lines, kept)
    so_far: dict[GrantKey, int] = {}
    for key, amount in granted.items():
        if modes[key[0]] == RECOMPUTE:
            so_far[key] = max(0, amount - now.get(key, 0))
        else:
            so_far[key] = half_up(amount * share) if modes[key[0]] == PROPORTIONAL else 0
    done = already_reversed or {}
    increases = {key: amount - done.get(key, 0) for key, amount in so_far.items()}
    return Reversal(
        amounts={key: increase for key, increase in increases.items() if increase > 0},
        so_far={key: max(amount, done.get(key, 0)) for key, amount in so_far.items()},
        withdrawn=_withdrawn(effects, modes, effects_now, nothing_kept=not kept),
        kept=kept,
        outcome=outcome,
    )


def _kept_context(context: Context, kept: tuple[Line, ...]) -> Context:
    assert context.purchase is not None
    paid_with_points = sum(line.points_paid for line in kept)
    return replace(context, purchase=replace(context.purchase, lines=kept, paid_with_points=paid_with_points))


def _returned_share(lines: tuple[Line, ...], kept: tuple[Line, ...]) -> Fraction:
    """The part of the amount that was returned so far; everything when nothing is kept."""
    if not kept:
        return Fraction(1)
    amount = sum(line.paid for line in lines)
    return Fraction(amount - sum(line.paid for line in kept), amount) if amount else Fraction(0)


def _withdrawn(
    effects: Collection[EffectKey], modes: Mapping[str, str], now: frozenset[EffectKey], *, nothing_kept: bool
) -> tuple[EffectKey, ...]:
    """Effects cannot be taken back in part: in proportion they stay until everything is returned."""
    found: list[EffectKey] = []
    for effect in effects:
        mode = modes[effect[0]]
        if (mode == RECOMPUTE and effect not in now) or (mode == PROPORTIONAL and nothing_kept):
            found.append(effect)
    return tuple(found)
