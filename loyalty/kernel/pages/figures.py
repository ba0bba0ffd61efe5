"""Figures for people: thousands and decimals as the reader writes them, units said once."""

from datetime import date
from decimal import Decimal

from django.utils import formats

from loyalty.kernel.money import exponent

NO_BREAK = "\u00a0"


def points(units: int, decimals: int = 0) -> str:
    """Smallest units of points as ``1,234`` or ``1 234,5``; the caller names the point type beside it."""
    return _grouped(units, decimals)


def money(units: int, currency: str) -> str:
    """Minor units as ``1,234.50 EUR``: the code stands behind the figure in every language."""
    return f"{_grouped(units, exponent(currency))}{NO_BREAK}{currency}"


def short_date(day: date) -> str:
    """``2 Jan 2018`` in the reader's language."""
    return formats.date_format(day, "SHORT_DATE_FORMAT")


def _grouped(units: int, decimals: int) -> str:
    value = Decimal(units).scaleb(-decimals)
    text = formats.number_format(abs(value), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"−{text}" if value < 0 else text
