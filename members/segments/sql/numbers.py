"""Numbers computed from history and attributes, exact as ``programs.rules.arithmetic``; a missing part makes null.

Without a division a number is a numeric. With one it is a fraction, an array of numerator and denominator: what a
database divides it rounds, and a rounded quotient would put another member in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from members.segments.sql.comparing import SIGNS
from members.segments.sql.sight import Past, Sight, scaled
from programs.rules.comparison import as_number

MISSING = "NULL::numeric"
PLAIN = {"add": "+", "sub": "-", "mul": "*"}
PICKED = {"min": "<=", "max": ">="}


@dataclass(frozen=True, slots=True)
class Said:
    """A number in SQL; ``is_fraction`` where it is an array of two."""

    sql: str
    is_fraction: bool = False

    def as_fraction(self) -> str:
        """The number as numerator and denominator; null when it is missing."""
        return self.sql if self.is_fraction else f"CASE WHEN {self.sql} IS NOT NULL THEN ARRAY[{self.sql}, 1] END"


def compare_numbers(document: Mapping[str, Any], sight: Sight, past: Past) -> str:
    """``left cmp right``."""
    left, right = (_number(document[side], sight, past) for side in ("left", "right"))
    sign = SIGNS[document["cmp"]]
    if not (left.is_fraction or right.is_fraction):
        return f"({left.sql} {sign} {right.sql})"
    return _over(left, right, f"{_difference()} {sign} 0")


def _difference() -> str:
    """The sign of first - second, where a denominator may be below zero."""
    return "(f.a[1] * f.b[2] - f.b[1] * f.a[2]) * sign(f.a[2] * f.b[2])"


def _over(left: Said, right: Said, expression: str) -> str:
    """An expression over two fractions, each written once however often it is used."""
    return (
        f"(SELECT {expression} FROM (SELECT {left.as_fraction()} AS a, {right.as_fraction()} AS b OFFSET 0) f "
        f"WHERE f.a IS NOT NULL AND f.b IS NOT NULL)"
    )


def _number(document: Any, sight: Sight, past: Past) -> Said:
    if not isinstance(document, Mapping):
        number = as_number(document)
        assert number is not None, document
        return Said(f"{sight.parameters.number(number)}::numeric")
    kind = document["op"]
    if kind == "history":
        return Said(f"({scaled(past.raw(document), past.scale(document))})::numeric")
    if kind == "attr":
        found = sight.attribute(document["attr"]).number()
        return Said(MISSING if found is None else f"({found})::numeric")
    parts = [_number(part, sight, past) for part in document["of"]]
    if len(parts) == 1 and kind == "sub":
        return _combined("sub", Said(f"{sight.parameters.number(0)}::numeric"), parts[0])
    result = parts[0]
    for part in parts[1:]:
        result = _combined(kind, result, part)
    return result


def _combined(kind: str, first: Said, second: Said) -> Said:
    if kind == "div":
        return Said(
            _over(first, second, "CASE WHEN f.b[1] <> 0 THEN ARRAY[f.a[1] * f.b[2], f.a[2] * f.b[1]] END"), True
        )
    if first.is_fraction or second.is_fraction:
        return Said(_over(first, second, _of_fractions(kind)), True)
    if kind in PLAIN:
        return Said(f"({first.sql} {PLAIN[kind]} {second.sql})")
    picked = f"CASE WHEN f.a {PICKED[kind]} f.b THEN f.a WHEN f.b IS NOT NULL AND f.a IS NOT NULL THEN f.b END"
    return Said(f"(SELECT {picked} FROM (SELECT {first.sql} AS a, {second.sql} AS b OFFSET 0) f)")


def _of_fractions(kind: str) -> str:
    if kind == "mul":
        return "ARRAY[f.a[1] * f.b[1], f.a[2] * f.b[2]]"
    if kind in PLAIN:
        return f"ARRAY[f.a[1] * f.b[2] {PLAIN[kind]} f.b[1] * f.a[2], f.a[2] * f.b[2]]"
    return f"CASE WHEN {_difference()} {PICKED[kind]} 0 THEN f.a ELSE f.b END"
