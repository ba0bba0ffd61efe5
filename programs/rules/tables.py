"""Tables of points: one bracket for the whole basis, or marginal rows, placed by a value of the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from programs.rules.compiler import Compiler, decimal_text
from programs.rules.history import HistorySpec
from programs.rules.money import Number, exact, whole
from programs.rules.view import Truth


@dataclass(frozen=True, slots=True)
class Row:
    """``start`` and ``per`` in the unit of the basis; ``points`` in smallest units; without ``per`` a fixed amount."""

    start: Number
    points: Number
    per: Number | None


@dataclass(frozen=True, slots=True)
class Worth:
    raw: Number
    numbers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A compiled table.

    :param by_units: the basis counts units; else minor units of money.
    :param scale: smallest units in one point; ``row_scale`` the same for the measure that places the rows.
    """

    rows: tuple[Row, ...]
    marginal: bool
    whole: bool
    position: HistorySpec | None
    by_units: bool
    by_purchases: bool
    scale: int
    row_scale: int

    def worth(self, state: Any, basis: int) -> Worth | None:
        """Exact points for a basis; None when the position is not known."""
        start: Number = 0
        if self.position is not None:
            found = self.position.raw(state)
            if found is None:
                return None
            start = found
        if self.marginal:
            return self._marginal(start, basis)
        row = self._row_of(start if self.position is not None else basis)
        if row is None:
            return Worth(0, {})
        raw = row.points if row.per is None else self._rated(row, basis)
        return Worth(raw, {"position": self._shown(start), "row": self._shown(row.start)})

    def _row_of(self, value: Number) -> Row | None:
        reached = [row for row in self.rows if row.start <= value]
        return reached[-1] if reached else None

    def _rated(self, row: Row, amount: Number) -> Number:
        assert row.per is not None
        if self.whole:
            return row.points * (amount // row.per)
        return Fraction(amount) * row.points / row.per

    def _marginal(self, start: Number, basis: int) -> Worth:
        """Every row rates the part of the basis that lies in it; a fixed row gives its points when it is reached."""
        end = start + (1 if self.by_purchases else basis)
        raw: Number = 0
        parts: list[dict[str, str]] = []
        for row, following in zip(self.rows, (*self.rows[1:], None), strict=True):
            if row.per is None:
                is_reached = start < row.start <= end or (row.start == start == 0 and end > 0)
                worth: Number = row.points if is_reached else 0
            else:
                upper = end if following is None else min(end, following.start)
                part = upper - max(start, row.start)
                worth = self._rated(row, part) if part > 0 else 0
            if worth:
                parts.append({"row": self._shown(row.start), "points": decimal_text(Fraction(worth) / self.scale)})
            raw += worth
        return Worth(raw, {"position": self._shown(start), "parts": parts})

    def _shown(self, value: Number) -> str:
        return decimal_text(Fraction(value) / self.row_scale)


def compile_table(
    compiler: Compiler, document: Mapping[str, Any], scale: int, condition: Callable[[Mapping[str, Any]], Truth]
) -> Table:
    """Compile a table; rows are in the unit of the position's measure, of money without a position."""
    position = document.get("position")
    spec = None if position is None else compiler.history_spec(position, condition)
    measure = "amount" if spec is None else spec.measure
    money_scale = compiler.settings.money_scale
    row_scale = money_scale if spec is None else spec.scale
    by_units, by_purchases = measure == "units", measure == "purchases"
    # In a bracket the rate works on the money of the purchase; a marginal row rates a part of the measure itself.
    marginal = document["mode"] == "marginal"
    per_scale = row_scale if marginal else (1 if by_units else money_scale)
    rows = tuple(
        Row(
            start=whole(exact(row["from"]) * row_scale),
            points=whole(exact(row["points"]) * scale),
            per=whole(exact(row["per"]) * per_scale) if row.get("per") is not None else None,
        )
        for row in document["rows"]
    )
    return Table(
        rows=rows,
        marginal=marginal,
        whole=document.get("step") == "whole",
        position=spec,
        by_units=by_units,
        by_purchases=by_purchases,
        scale=scale,
        row_scale=row_scale,
    )
