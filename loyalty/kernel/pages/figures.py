"""Figures for people: thousands and decimals as the reader writes them, units said once."""

from datetime import date
from decimal import Decimal
from typing import Protocol

from django.utils import formats

from loyalty.kernel.money import exponent

NO_BREAK = "\u00a0"


class Measure(str):
    """A figure with its unit as people read it, that still knows its exact value, for files."""

    value: Decimal
    unit: str

    @classmethod
    def of(cls, text: str, value: Decimal, unit: str) -> "Measure":
        """``text`` shows ``value`` in ``unit``."""
        made = cls(text)
        made.value, made.unit = value, unit
        return made


def number(value: Decimal) -> str:
    """A number with the decimals that it has, and its thousands grouped."""
    plain = value.normalize()
    exponent_of = plain.as_tuple().exponent
    places = max(0, -exponent_of) if isinstance(exponent_of, int) else 0
    return formats.number_format(plain, decimal_pos=places, use_l10n=True, force_grouping=True)


def points(units: int, decimals: int = 0) -> str:
    """Smallest units of points as ``1,234`` or ``1 234,5``; the caller names the point type beside it."""
    return _grouped(units, decimals)


def count(number: int) -> str:
    """A whole number with its thousands grouped as the reader writes them."""
    return _grouped(number, 0)


class PointType(Protocol):
    """What a figure needs to know of the type of its points."""

    decimals: int

    def named(self, units: int) -> str:
        """The name in the form that stands beside so many smallest units."""


def points_of(units: int, point_type: PointType) -> Measure:
    """Smallest units of points with the name of their type: ``1,234 points``."""
    exact = Decimal(units).scaleb(-point_type.decimals)
    return Measure.of(f"{_grouped(units, point_type.decimals)} {point_type.named(units)}", exact, str(point_type))


def money(units: int, currency: str) -> Measure:
    """Minor units as ``1,234.50 EUR``: the code stands behind the figure in every language."""
    places = exponent(currency)
    return Measure.of(f"{_grouped(units, places)}{NO_BREAK}{currency}", Decimal(units).scaleb(-places), currency)


def short_date(day: date) -> str:
    """``2 Jan 2018`` in the reader's language."""
    return formats.date_format(day, "SHORT_DATE_FORMAT")


def _grouped(units: int, decimals: int) -> str:
    value = Decimal(units).scaleb(-decimals)
    text = formats.number_format(abs(value), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"−{text}" if value < 0 else text
