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
_BY_LINE = "by_line"

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


@dataclass(frozen=True, slots=True)
class ByLine:
    """Lines of one purchase that are returned on different terms.

    :param modes: ``recompute``, ``proportional`` or ``keep`` by line id; a line that is not named recomputes.
    :param parts: what each grant gave for which line, smallest units.
    """

    modes: Mapping[str, str]
    parts: Mapping[GrantKey, Mapping[str, int]]

    def mode_of(self, line_id: str) -> str:
        """What happens to the points when this line is returned."""
        return self.modes.get(line_id, RECOMPUTE)

    def judged_again(self, returned: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """The returned units that are missing when the purchase is judged again: those of lines that recompute."""
        return {line_id: units for line_id, units in returned.items() if self.mode_of(line_id) == RECOMPUTE}

    def in_proportion(self, key: GrantKey, shares: Mapping[str, Fraction]) -> int:
        """What a grant gave for the returned part of the lines that are taken back in proportion, half up line by line.

        Money off was never paid, whatever happens to the points: of lines that keep their points it goes in proportion.
        """
        modes = {PROPORTIONAL, KEEP} if key[2] == DISCOUNT else {PROPORTIONAL}
        return sum(
            half_up(amount * shares[line_id])
            for line_id, amount in self.parts.get(key, {}).items()
            if self.mode_of(line_id) in modes
        )


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
    by_line: ByLine | None = None,
    already_reversed: Mapping[GrantKey, int] | None = None,
    effects: Collection[EffectKey] = (),
) -> Reversal:
    """Judge a return under the rules and the context of the purchase; it never adds points.

    :param context: of the purchase, with the lines as they were bought; may be thawed.
    :param granted: what the purchase granted, see ``granted_amounts``.
    :param returned: units returned so far, this return included, by line id.
    :param mode: ``recompute``, ``proportional`` or ``keep``; a rule's own ``on_return`` wins.
    :param by_line: what the lines say instead of ``mode``; a rule's own ``on_return`` wins over it too.
    :param already_reversed: what earlier returns of the purchase took back.
    :param effects: other effects that the purchase granted, see ``granted_effects``.
    """
    assert context.purchase is not None, "only a purchase is returned"
    lines = State(context, ruleset.settings, ruleset.filters).lines
    kept = kept_lines(lines, returned)
    own = {rule.id: rule.on_return for rule in ruleset.rules if rule.on_return is not None}
    rules = {key[0] for key in granted} | {key[0] for key in effects}
    modes = {rule: own.get(rule, mode if by_line is None else _BY_LINE) for rule in rules}
    again = _judged_again(ruleset, context, kept, RECOMPUTE in modes.values())
    by_lines = again
    nothing_kept = not kept
    if by_line is not None:
        nothing_kept = nothing_kept and all(by_line.mode_of(line.line_id) != KEEP for line in lines)
        counted = kept_lines(lines, by_line.judged_again(returned)) if not nothing_kept else ()
        by_lines = _judged_again(ruleset, context, counted, _BY_LINE in modes.values())
    share = _returned_share(lines, kept)
    shares = {} if by_line is None else _returned_shares(lines, kept)
    so_far: dict[GrantKey, int] = {}
    for key, amount in granted.items():
        if modes[key[0]] == RECOMPUTE:
            so_far[key] = max(0, amount - again.amounts.get(key, 0))
        elif by_line is not None and modes[key[0]] == _BY_LINE:
            is_all = nothing_kept or (not kept and key[2] == DISCOUNT)
            lost = max(0, amount - by_lines.amounts.get(key, 0)) + by_line.in_proportion(key, shares)
            so_far[key] = amount if is_all else min(amount, lost)
        else:
            so_far[key] = half_up(amount * share) if modes[key[0]] == PROPORTIONAL else 0
    done = already_reversed or {}
    increases = {key: amount - done.get(key, 0) for key, amount in so_far.items()}
    return Reversal(
        amounts={key: increase for key, increase in increases.items() if increase > 0},
        so_far={key: max(amount, done.get(key, 0)) for key, amount in so_far.items()},
        withdrawn=_withdrawn(effects, modes, again, by_lines, is_whole=not kept, nothing_kept=nothing_kept),
        kept=kept,
        outcome=by_lines.outcome or again.outcome,
    )


@dataclass(frozen=True, slots=True)
class _Again:
    """What some lines of the purchase are granted by the rules of its day; nothing where nobody had to ask."""

    outcome: Outcome | None
    amounts: Mapping[GrantKey, int]
    effects: frozenset[EffectKey]


def _judged_again(ruleset: RuleSet, context: Context, lines: tuple[Line, ...], is_needed: bool) -> _Again:
    if not lines or not is_needed:
        return _Again(None, {}, frozenset())
    outcome = evaluate(ruleset, _kept_context(context, lines), trace=False)
    return _Again(outcome, granted_amounts(outcome), frozenset(granted_effects(outcome)))


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


def _returned_shares(lines: tuple[Line, ...], kept: tuple[Line, ...]) -> dict[str, Fraction]:
    """The part of each line that was returned so far: of its amount, or of its units where it cost nothing."""
    left = {line.line_id: line for line in kept}
    shares: dict[str, Fraction] = {}
    for line in lines:
        rest = left.get(line.line_id)
        if rest is None:
            shares[line.line_id] = Fraction(1)
        elif line.paid:
            shares[line.line_id] = Fraction(line.paid - rest.paid, line.paid)
        else:
            shares[line.line_id] = 1 - Fraction(rest.qty) / Fraction(line.qty)
    return shares


def _withdrawn(
    effects: Collection[EffectKey],
    modes: Mapping[str, str],
    again: _Again,
    by_lines: _Again,
    *,
    is_whole: bool,
    nothing_kept: bool,
) -> tuple[EffectKey, ...]:
    """Effects cannot be taken back in part: in proportion they stay until everything is returned."""
    found: list[EffectKey] = []
    for effect in effects:
        mode = modes[effect[0]]
        if mode == _BY_LINE:
            is_gone = nothing_kept or effect not in by_lines.effects
        else:
            is_gone = (mode == RECOMPUTE and effect not in again.effects) or (mode == PROPORTIONAL and is_whole)
        if is_gone:
            found.append(effect)
    return tuple(found)
