"""Formulas of points, compiled. A result is exact and unrounded, in smallest units of the point type (C03-C07)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from programs.rules.arithmetic import compile_number
from programs.rules.compiler import Compiler, decimal_text
from programs.rules.conditions import compile_condition, line_slot
from programs.rules.money import Number, exact, round_number, whole
from programs.rules.outcome import Result
from programs.rules.proposal import BaseBook
from programs.rules.state import State
from programs.rules.tables import compile_table
from programs.rules.view import UNITS, Truth

Formula: TypeAlias = Callable[[State, BaseBook], Result | None]

NOTHING_MORE: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Part:
    """What every formula of an effect shares: filter, scale of its point type, basis."""

    compiler: Compiler
    document: Mapping[str, Any]
    slot: int | None
    point_type: str
    scale: int
    basis: str
    condition: Callable[[Mapping[str, Any]], Truth]

    def points(self, text: Any) -> Number:
        return whole(exact(text) * self.scale)

    def money(self, text: Any) -> Number:
        return whole(exact(text) * self.compiler.settings.money_scale)


def compile_formula(compiler: Compiler, effect: Mapping[str, Any], point_type: str) -> Formula:
    """The formula of an earn or burn effect as a closure over (state, base book)."""
    document = effect["formula"]
    part = Part(
        compiler=compiler,
        document=document,
        slot=line_slot(compiler, effect.get("where")),
        point_type=point_type,
        scale=compiler.settings.point_scale(point_type),
        basis=document.get("basis", compiler.settings.basis),
        condition=lambda where: compile_condition(compiler, where).fn,
    )
    return FORMULAS[document["kind"]](part)


def rounded(raw: Number, mode: str, grain: int) -> int:
    """Round to whole smallest units, or to multiples of ``grain`` where the effect has fewer decimals (C04)."""
    if grain == 1:
        return round_number(raw, mode)
    return round_number(Fraction(raw) / grain, mode) * grain


def _fixed(part: Part) -> Formula:
    points, every = part.points(part.document["points"]), part.document.get("for_every")
    if every is not None:
        return _fixed_for_every(part, points, every)
    slot, kind = key = part.slot, part.basis

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, weights, basis = state.known.get(key) or state.measure(slot, kind)
        if slot is not None and not positions:
            return None
        return points, positions, weights, basis, NOTHING_MORE

    return formula


def _fixed_for_every(part: Part, points: Number, every: Mapping[str, Any]) -> Formula:
    by_units = "units" in every
    step = exact(every["units"]) if by_units else part.money(every["amount"])
    slot, kind = part.slot, UNITS if by_units else part.basis

    def numbers(basis: int) -> dict[str, Any]:
        return {"times": int(basis // step)}

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, weights, basis = state.basis(slot, kind)
        return points * (basis // step), positions, weights, basis, numbers

    return formula


def _rate(part: Part) -> Formula:
    document = part.document
    points, per = part.points(document["points"]), part.money(document["per"])
    slot, kind = key = part.slot, part.basis
    is_proportional = document.get("step") == "proportional"
    exact_rate = Fraction(points) / Fraction(per)

    def numbers(basis: int) -> dict[str, Any]:
        return {"steps": int(basis // per)}

    def proportional(state: State, book: BaseBook) -> Result | None:
        positions, weights, basis = state.basis(slot, kind)
        return basis * exact_rate, positions, weights, basis, NOTHING_MORE

    def by_line(state: State, book: BaseBook) -> Result | None:
        positions, weights, basis = state.basis(slot, kind)
        if is_proportional:
            worth: list[Number] = [amount * exact_rate for amount in weights]
        else:
            worth = [points * (amount // per) for amount in weights]
        return worth, positions, weights, basis, NOTHING_MORE

    def full_steps(state: State, book: BaseBook) -> Result | None:
        positions, weights, basis = state.known.get(key) or state.measure(slot, kind)
        return points * (basis // per), positions, weights, basis, numbers

    if document.get("per_line"):
        return by_line
    return proportional if is_proportional else full_steps


def _per_unit(part: Part) -> Formula:
    points, slot, kind = part.points(part.document["points"]), part.slot, part.basis
    weigh_by_amount = "basis" in part.document

    def numbers(units: int) -> dict[str, Any]:
        return {"units": units}

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, counts, units = state.basis(slot, UNITS)
        weights = state.basis(slot, kind)[1] if weigh_by_amount else counts
        return points * units, positions, weights, units, numbers

    return formula


def _multiply(part: Part) -> Formula:
    """Adds (factor - 1) x the rounded base points of the type; with a filter those of matching lines (C07)."""
    factor = exact(part.document["factor"]) - 1
    numerator, denominator = factor.numerator, factor.denominator
    point_type, slot, scale = part.point_type, part.slot, part.scale

    def numbers(base: int) -> dict[str, Any]:
        return {"base_points": decimal_text(Fraction(base, scale))}

    def formula(state: State, book: BaseBook) -> Result | None:
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
        exact_bonus = numerator * base
        raw = exact_bonus if denominator == 1 else whole(Fraction(exact_bonus, denominator))
        return raw, positions, weights, base, numbers

    return formula


def _table(part: Part) -> Formula:
    table = compile_table(part.compiler, part.document, part.scale, part.condition)
    slot, kind = part.slot, UNITS if table.by_units else part.basis

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, weights, basis = state.basis(slot, kind)
        worth = table.worth(state, basis)
        if worth is None:
            return None
        return worth.raw, positions, weights, basis, worth.numbers

    return formula


def _expression(part: Part) -> Formula:
    value = compile_number(part.compiler, part.document["value"], part.condition)
    slot, kind, scale = part.slot, part.basis, part.scale

    def formula(state: State, book: BaseBook) -> Result | None:
        points = value(state)
        positions, weights, basis = state.basis(slot, kind)
        if points is None or points <= 0 or (slot is not None and not positions):
            return None
        return points * scale, positions, weights, basis, {"value": decimal_text(points)}

    return formula


FORMULAS: dict[str, Callable[[Part], Formula]] = {
    "fixed": _fixed,
    "rate": _rate,
    "per_unit": _per_unit,
    "multiply": _multiply,
    "table": _table,
    "expression": _expression,
}
