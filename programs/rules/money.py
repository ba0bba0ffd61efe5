"""Exact arithmetic on money and points: rounding, largest remainder, discounts and units of lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from programs.rules.context import Line

Number: TypeAlias = int | Fraction


def exact(value: int | str | Decimal) -> Number:
    """A decimal string, Decimal or int as an exact number; whole numbers become int."""
    if isinstance(value, int):
        return value
    return whole(Fraction(value))


def whole(value: Number) -> Number:
    """A number without a fraction as an int, on which everything is faster."""
    return value.numerator if value.denominator == 1 else value


def round_number(value: Number, mode: str) -> int:
    """Round to a whole number: ``down`` (to minus infinity), ``half_up`` or ``up``."""
    if isinstance(value, int):
        return value
    if mode == "down":
        return value.numerator // value.denominator
    if mode == "up":
        return -((-value.numerator) // value.denominator)
    assert mode == "half_up", mode
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def half_up(value: Number) -> int:
    return round_number(value, "half_up")


def to_minor(value: int | str | Decimal, exponent: int) -> int:
    """Money as written ("12.50") in minor units, half up."""
    return half_up(exact(value) * 10**exponent)


def from_minor(amount: int, exponent: int) -> str:
    """Minor units as a decimal string with all its decimals."""
    return format(Decimal(amount).scaleb(-exponent), "f")


def largest_remainder(total: int, weights: Sequence[Number]) -> list[int]:
    """Spread ``total`` over ``weights`` in whole units (C06); equal remainders go to the earlier weight.

    Without any weight the shares are equal. Weights must not be negative.
    """
    count = len(weights)
    if count == 0:
        return []
    if count == 1:
        return [total]
    all_of_them = sum(weights)
    if all_of_them == 0:
        return largest_remainder(total, [1] * count)
    if isinstance(all_of_them, Fraction):
        scale = 1
        for weight in weights:
            scale *= weight.denominator
        return largest_remainder(total, [int(weight * scale) for weight in weights])
    whole_weights: Sequence[int] = weights  # type: ignore[assignment]
    shares: list[int] = []
    # Ordered by remainder, and among equal ones the earlier position is the larger number.
    keys: list[int] = []
    left, position = total, 0
    for weight in whole_weights:
        worth = total * weight
        share = worth // all_of_them
        shares.append(share)
        keys.append((worth - share * all_of_them) * count - position)
        left -= share
        position += 1  # noqa: SIM113  (enumerate makes a pair a weight)
    if left:
        keys.sort(reverse=True)
        for key in keys[:left]:
            shares[-key % count] += 1
    return shares


def spread_basket_discount(lines: Sequence[Line], discount: int) -> tuple[Line, ...]:
    """Take a discount on the whole basket off the lines in proportion to what was paid (C02)."""
    shares = largest_remainder(discount, [line.paid for line in lines])
    return tuple(replace(line, paid=line.paid - share) for line, share in zip(lines, shares, strict=True))


def spread_points_payment(lines: Sequence[Line], paid_with_points: int) -> tuple[Line, ...]:
    """Spread the part paid with points over the lines like a basket discount (C24)."""
    shares = largest_remainder(paid_with_points, [line.paid for line in lines])
    return tuple(replace(line, points_paid=share) for line, share in zip(lines, shares, strict=True))


def ex_tax(line: Line) -> int:
    """Paid without tax, rounded half up to minor units per line."""
    if not line.tax_rate:
        return line.paid
    return half_up(line.paid / (1 + Fraction(line.tax_rate) / 100))


def basis_amount(line: Line, basis: str) -> int:
    """What of a line a rule works on: minor units, or units for ``units``."""
    if basis == "paid":
        return line.paid
    if basis == "units":
        return line.units
    if basis == "list":
        return line.list_amount
    if basis == "ex_tax":
        return ex_tax(line)
    assert basis == "without_points", basis
    return line.paid - line.points_paid


def kept_line(line: Line, returned: Decimal) -> Line | None:
    """The line without its returned units; None when nothing of it is kept.

    The discount of the line is reduced in proportion, half up (C13); so is the part paid with points.
    """
    if returned <= 0:
        return line
    kept = line.qty - returned
    if kept <= 0:
        return None
    share = Fraction(kept) / Fraction(line.qty)
    list_amount = half_up(line.list_amount * share)
    discount = half_up((line.list_amount - line.paid) * share)
    return replace(
        line,
        qty=kept,
        list_amount=list_amount,
        paid=list_amount - discount,
        points_paid=half_up(line.points_paid * share),
    )


def kept_lines(lines: Sequence[Line], returned: Mapping[str, Decimal]) -> tuple[Line, ...]:
    """The lines still kept after all returns so far; ``returned`` holds cumulative units by line id."""
    kept = (kept_line(line, returned.get(line.line_id, Decimal(0))) for line in lines)
    return tuple(line for line in kept if line is not None)


class Unit(msgspec.Struct, frozen=True):
    """One unit of a line: ``position`` of the line in the purchase, ``index`` of the unit in the line."""

    position: int
    index: int
    paid: int

    @property
    def cheapest_key(self) -> tuple[int, int, int]:
        return (self.paid, self.position, self.index)


def explode(line: Line, position: int) -> list[Unit]:
    """The units of a line with what was paid for each (C16)."""
    count = line.units
    if count == 1:
        return [Unit(position, 0, line.paid)]
    return [Unit(position, index, paid) for index, paid in enumerate(largest_remainder(line.paid, [1] * count))]
