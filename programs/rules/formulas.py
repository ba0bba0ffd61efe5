"""Formulas of points, compiled: exact, in smallest units of the point type, rounded once at the end (C03-C07)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from programs.rules.arithmetic import compile_number
from programs.rules.compiler import Compiler, decimal_text
from programs.rules.conditions import compile_condition, line_slot
from programs.rules.context import Line
from programs.rules.money import Number, exact, round_number, whole
from programs.rules.outcome import Grant, Ground
from programs.rules.proposal import BaseBook
from programs.rules.state import State, basis_key
from programs.rules.tables import compile_table
from programs.rules.view import UNITS, Truth

if TYPE_CHECKING:
    from programs.rules.effects import Effect

# What an effect wants of a state and a base book; None for no points.
Draft: TypeAlias = Callable[[State, BaseBook], Grant | None]
# Makes a grant of an effect, of exact points above nothing, of what they stand on and of the lines of the purchase.
Give: TypeAlias = Callable[["Effect", Any, Ground, Sequence[Line]], Grant | None]

NOTHING_MORE: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Part:
    """What every formula of an effect shares: filter, scale of its point type, basis."""

    compiler: Compiler
    effect: Effect
    document: Mapping[str, Any]
    slot: int | None
    scale: int
    basis: str
    condition: Callable[[Mapping[str, Any]], Truth]

    def points(self, text: Any) -> Number:
        return whole(exact(text) * self.scale)

    def money(self, text: Any) -> Number:
        return whole(exact(text) * self.compiler.settings.money_scale)

    def give(self, points: Number) -> Give:
        """How multiples of ``points`` become a grant; whole ones that are not rounded are an amount as they are."""
        return Grant if type(points) is int and self.effect.rounding[1] == 1 else give_rounded


def compile_formula(compiler: Compiler, effect: Effect) -> Draft:
    """The formula of an earn or burn effect as a closure over (state, base book)."""
    document = effect.document["formula"]
    part = Part(
        compiler=compiler,
        effect=effect,
        document=document,
        slot=line_slot(compiler, effect.document.get("where")),
        scale=effect.scale,
        basis=document.get("basis", compiler.settings.basis),
        condition=lambda where: compile_condition(compiler, where).fn,
    )
    return FORMULAS[document["kind"]](part)


def give_rounded(effect: Effect, points: Number, ground: Ground, lines: Sequence[Line]) -> Grant | None:
    """Points rounded once (C04)."""
    amount = rounded(points, *effect.rounding)
    return Grant(effect, amount, ground, lines) if amount > 0 else None


def rounded(raw: Number, mode: str, grain: int) -> int:
    """Round to whole smallest units, or to multiples of ``grain`` where the effect has fewer decimals (C04)."""
    if grain == 1:
        return round_number(raw, mode)
    return round_number(Fraction(raw) / grain, mode) * grain


def _fixed(part: Part) -> Draft:
    points, every = part.points(part.document["points"]), part.document.get("for_every")
    if every is not None:
        return _fixed_for_every(part, points, every)
    effect, give = part.effect, part.give(points)
    slot, kind = part.slot, part.basis
    key = basis_key(slot, kind)
    if points <= 0:
        return _nothing

    def of_all_lines(state: State, book: BaseBook) -> Grant | None:
        positions, weights, basis = state.known.get(key) or state.measure(key, slot, kind)
        return give(effect, points, (positions, weights, basis, NOTHING_MORE), state.lines)

    def draft(state: State, book: BaseBook) -> Grant | None:
        positions, weights, basis = state.known.get(key) or state.measure(key, slot, kind)
        return give(effect, points, (positions, weights, basis, NOTHING_MORE), state.lines) if positions else None

    return of_all_lines if slot is None else draft


def _nothing(state: State, book: BaseBook) -> Grant | None:
    return None


def _fixed_for_every(part: Part, points: Number, every: Mapping[str, Any]) -> Draft:
    by_units = "units" in every
    step = exact(every["units"]) if by_units else part.money(every["amount"])
    slot, kind = part.slot, UNITS if by_units else part.basis
    effect, give = part.effect, part.give(points)

    def numbers(basis: int) -> dict[str, Any]:
        return {"times": int(basis // step)}

    def draft(state: State, book: BaseBook) -> Grant | None:
        positions, weights, basis = state.basis(slot, kind)
        given = points * (basis // step)
        return give(effect, given, (positions, weights, basis, numbers), state.lines) if given > 0 else None

    return draft


def _rate(part: Part) -> Draft:
    document = part.document
    points, per = part.points(document["points"]), part.money(document["per"])
    if document.get("per_line"):
        return _rate_by_line(part, points, per)
    slot, kind = part.slot, part.basis
    key = basis_key(slot, kind)
    effect, give = part.effect, part.give(points)
    exact_rate = Fraction(points) / Fraction(per)

    def numbers(basis: int) -> dict[str, Any]:
        return {"steps": int(basis // per)}

    def proportional(state: State, book: BaseBook) -> Grant | None:
        positions, weights, basis = state.basis(slot, kind)
        if basis <= 0:
            return None
        return give_rounded(effect, basis * exact_rate, (positions, weights, basis, NOTHING_MORE), state.lines)

    def full_steps(state: State, book: BaseBook) -> Grant | None:
        positions, weights, basis = state.known.get(key) or state.measure(key, slot, kind)
        given = points * (basis // per)
        return give(effect, given, (positions, weights, basis, numbers), state.lines) if given > 0 else None

    return proportional if document.get("step") == "proportional" else full_steps


def _rate_by_line(part: Part, points: Number, per: Number) -> Draft:
    """Every line is rounded on its own (C04)."""
    slot, kind, effect = part.slot, part.basis, part.effect
    is_proportional = part.document.get("step") == "proportional"
    exact_rate = Fraction(points) / Fraction(per)

    def draft(state: State, book: BaseBook) -> Grant | None:
        positions, weights, basis = state.basis(slot, kind)
        worth = [amount * exact_rate if is_proportional else points * (amount // per) for amount in weights]
        shares = [rounded(one, *effect.rounding) for one in worth]
        amount = sum(shares)
        return Grant(effect, amount, (positions, shares, basis, NOTHING_MORE), state.lines) if amount > 0 else None

    return draft


def _per_unit(part: Part) -> Draft:
    points, slot, kind = part.points(part.document["points"]), part.slot, part.basis
    weigh_by_amount = "basis" in part.document
    effect, give = part.effect, part.give(points)
    key = basis_key(slot, UNITS)

    def numbers(units: int) -> dict[str, Any]:
        return {"units": units}

    def draft(state: State, book: BaseBook) -> Grant | None:
        positions, counts, units = state.known.get(key) or state.measure(key, slot, UNITS)
        weights = state.basis(slot, kind)[1] if weigh_by_amount else counts
        given = points * units
        return give(effect, given, (positions, weights, units, numbers), state.lines) if given > 0 else None

    return draft


def _multiply(part: Part) -> Draft:
    """Adds (factor - 1) x the rounded base points of the type; with a filter those of matching lines (C07)."""
    factor = whole(exact(part.document["factor"]) - 1)
    effect, slot, scale, give = part.effect, part.slot, part.scale, part.give(factor)
    point_type = effect.point_type

    def numbers(base: int) -> dict[str, Any]:
        return {"base_points": decimal_text(Fraction(base, scale))}

    def draft(state: State, book: BaseBook) -> Grant | None:
        row = book.row(point_type, len(state.lines))
        if row is None:
            return None
        if slot is None:
            positions: Sequence[int] = range(len(row))
            weights, base = row, book.totals[point_type]
        else:
            positions = state.matching(slot)
            weights = [row[position] for position in positions]
            base = sum(weights)
        given = factor * base
        return give(effect, given, (positions, weights, base, numbers), state.lines) if given > 0 else None

    return draft


def _table(part: Part) -> Draft:
    table = compile_table(part.compiler, part.document, part.scale, part.condition)
    slot, kind, effect = part.slot, UNITS if table.by_units else part.basis, part.effect

    def draft(state: State, book: BaseBook) -> Grant | None:
        positions, weights, basis = state.basis(slot, kind)
        worth = table.worth(state, basis)
        if worth is None:
            return None
        return give_rounded(effect, worth.raw, (positions, weights, basis, worth.numbers), state.lines)

    return draft


def _expression(part: Part) -> Draft:
    value = compile_number(part.compiler, part.document["value"], part.condition)
    slot, kind, scale, effect = part.slot, part.basis, part.scale, part.effect

    def draft(state: State, book: BaseBook) -> Grant | None:
        points = value(state)
        positions, weights, basis = state.basis(slot, kind)
        if points is None or points <= 0 or (slot is not None and not positions):
            return None
        return give_rounded(
            effect, points * scale, (positions, weights, basis, {"value": decimal_text(points)}), state.lines
        )

    return draft


FORMULAS: dict[str, Callable[[Part], Draft]] = {
    "fixed": _fixed,
    "rate": _rate,
    "per_unit": _per_unit,
    "multiply": _multiply,
    "table": _table,
    "expression": _expression,
}
