"""Exact money and points: decimal text at the edges, whole smallest units inside."""

from decimal import Decimal, InvalidOperation

from loyalty.kernel.errors import Malformed

# ISO 4217 exponents that are not 2 (list of 2024-06-25).
_EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}  # fmt: skip

LARGEST = 9_000_000_000_000_000  # fits bigint with room to add


def exponent(currency: str) -> int:
    """Decimals of the currency's smallest unit by ISO 4217."""
    return _EXPONENTS.get(currency, 2)


def to_units(text: str | Decimal, decimals: int, *, field: str = "amount") -> int:
    """The decimal ``text`` as whole smallest units: ``to_units("12.30", 2) == 1230``.

    :raises Malformed: not a plain finite number, more decimals than the unit has, or beyond range.
    """
    try:
        value = text if isinstance(text, Decimal) else Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        raise Malformed(errors=[(field, "not_a_number")]) from None
    if not value.is_finite():
        raise Malformed(errors=[(field, "not_a_number")])
    scaled = value.scaleb(decimals)
    if scaled != scaled.to_integral_value():
        raise Malformed(errors=[(field, "too_many_decimals")])
    units = int(scaled)
    if abs(units) > LARGEST:
        raise Malformed(errors=[(field, "out_of_range")])
    return units


def to_text(units: int, decimals: int) -> str:
    """Whole smallest units as plain decimal text: ``to_text(1230, 2) == "12.30"``."""
    return str(Decimal(units).scaleb(-decimals).quantize(Decimal(1).scaleb(-decimals))) if decimals else str(units)
