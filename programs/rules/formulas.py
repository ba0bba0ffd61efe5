"""Formulas of points, compiled. A result is exact and unrounded, in smallest units of the point type (C03-C07)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from programs.rules.arithmetic import compile_number
from programs.rules.compiler import Compiler, decimal_text
from programs.rules.conditions import compile_condition, line_slot
from programs.rules.money import Number, basis_amount, exact, round_number
from programs.rules.state import BaseBook, State
from programs.rules.tables import compile_table
from programs.rules.view import Truth


@dataclass(slots=True)
class Result:
    """What a formula gives.

    :param raw: exact points in smallest units; a list where each line is rounded on its own.
    :param weights: what each line brought into the basis, for spreading.
    :param numbers: numbers that explain the result, JSON data.
    """

    raw: Number | list[Number]
    positions: Sequence[int]
    weights: list[int]
    basis: int
    numbers: dict[str, Any] = field(default_factory=dict)


Formula: TypeAlias = Callable[[State, BaseBook], Result | None]


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
        return exact(text) * self.scale

    def money(self, text: Any) -> Number:
        return exact(text) * self.compiler.settings.money_scale

    def amounts(self, state: State) -> tuple[Sequence[int], list[int]]:
        positions = state.positions(self.slot)
        lines, basis = state.lines, self.basis
        if basis == "paid":
            return positions, [lines[position].paid for position in positions]
        return positions, [basis_amount(lines[position], basis) for position in positions]

    def unit_counts(self, state: State) -> tuple[Sequence[int], list[int]]:
        positions = state.positions(self.slot)
        return positions, [state.lines[position].units for position in positions]


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

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, weights = part.amounts(state)
        if part.slot is not None and not positions:
            return None
        return Result(points, positions, weights, sum(weights))

    return formula


def _fixed_for_every(part: Part, points: Number, every: Mapping[str, Any]) -> Formula:
    by_units = "units" in every
    step = exact(every["units"]) if by_units else part.money(every["amount"])
    measure = part.unit_counts if by_units else part.amounts

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, weights = measure(state)
        basis = sum(weights)
        times = basis // step
        return Result(points * times, positions, weights, basis, {"times": int(times)})

    return formula


def _rate(part: Part) -> Formula:
    document = part.document
    points, per = part.points(document["points"]), part.money(document["per"])
    proportional, per_line = document.get("step") == "proportional", bool(document.get("per_line"))
    exact_rate = Fraction(points) / Fraction(per)

    def worth(amount: int) -> Number:
        return amount * exact_rate if proportional else points * (amount // per)

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, weights = part.amounts(state)
        basis = sum(weights)
        if per_line:
            return Result([worth(amount) for amount in weights], positions, weights, basis)
        numbers = {} if proportional else {"steps": int(basis // per)}
        return Result(worth(basis), positions, weights, basis, numbers)

    return formula


def _per_unit(part: Part) -> Formula:
    points = part.points(part.document["points"])
    weigh_by_amount = "basis" in part.document

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, counts = part.unit_counts(state)
        units = sum(counts)
        weights = part.amounts(state)[1] if weigh_by_amount else counts
        return Result(points * units, positions, weights, units, {"units": units})

    return formula


def _multiply(part: Part) -> Formula:
    """Adds (factor - 1) x the rounded base points of the type; with a filter those of matching lines (C07)."""
    factor = exact(part.document["factor"]) - 1
    point_type, slot = part.point_type, part.slot

    def formula(state: State, book: BaseBook) -> Result | None:
        row = book.lines.get(point_type)
        if row is None:
            return None
        positions = state.positions(slot)
        weights = [row[position] for position in positions]
        base = book.totals[point_type] if slot is None else sum(weights)
        numbers = {"base_points": decimal_text(Fraction(base, part.scale))}
        return Result(factor * base, positions, weights, base, numbers)

    return formula


def _table(part: Part) -> Formula:
    table = compile_table(part.compiler, part.document, part.scale, part.condition)

    def formula(state: State, book: BaseBook) -> Result | None:
        positions, weights = part.unit_counts(state) if table.by_units else part.amounts(state)
        basis = sum(weights)
        worth = table.worth(state, basis)
        if worth is None:
            return None
        return Result(worth.raw, positions, weights, basis, worth.numbers)

    return formula


def _expression(part: Part) -> Formula:
    value = compile_number(part.compiler, part.document["value"], part.condition)

    def formula(state: State, book: BaseBook) -> Result | None:
        points = value(state)
        positions, weights = part.amounts(state)
        if points is None or points <= 0 or (part.slot is not None and not positions):
            return None
        return Result(points * part.scale, positions, weights, sum(weights), {"value": decimal_text(points)})

    return formula


FORMULAS: dict[str, Callable[[Part], Formula]] = {
    "fixed": _fixed,
    "rate": _rate,
    "per_unit": _per_unit,
    "multiply": _multiply,
    "table": _table,
    "expression": _expression,
}
