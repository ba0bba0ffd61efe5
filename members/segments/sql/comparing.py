"""Comparisons of values in SQL: true, false, or null where the value is missing or of another kind (C14)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from members.segments.sql.days import AgeValue, LocalDayValue
from members.segments.sql.parameters import UNKNOWN, Parameters, both, either
from members.segments.sql.values import DateValue, EitherValue, Keys, TierValue, Value
from programs.rules.comparison import EARTH_RADIUS_KM, as_number
from programs.rules.money import whole

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def compare(value: Value, cmp: str, wanted: Any, parameters: Parameters, scale: int = 1) -> str:
    """``value cmp wanted`` as a three-valued SQL condition; money is compared in minor units."""
    if isinstance(value, TierValue):
        return value.test(parameters, cmp, wanted)
    if cmp in ("is_present", "is_missing"):
        return value.is_present() if cmp == "is_present" else f"(NOT {value.is_present()})"
    if cmp in ("eq", "ne", "in", "not_in", "overlaps", "disjoint"):
        keys = Keys.of([wanted] if cmp in ("eq", "ne") else wanted, scale if cmp not in ("overlaps", "disjoint") else 1)
        found = value.among(parameters, keys)
        return found if cmp in ("eq", "in", "overlaps") else f"(NOT {found})"
    if cmp == "contains_all":
        return both(*[value.among(parameters, Keys.of([one], 1)) for one in wanted])
    if cmp == "starts_with":
        return _starts_with(value, wanted if isinstance(wanted, list) else [wanted], parameters)
    if cmp == "within_km":
        return _within_km(value, wanted, parameters)
    return _ordered(value, cmp, wanted, parameters, scale)


def _starts_with(value: Value, prefixes: Sequence[str], parameters: Parameters) -> str:
    written = value.written()
    if written is None:
        return f"CASE WHEN {value.is_present()} THEN false END"
    return either(*[f"starts_with({written}, {parameters.add(prefix, 'text')})" for prefix in prefixes])


def _ordered(value: Value, cmp: str, wanted: Any, parameters: Parameters, scale: int) -> str:
    """Numbers with numbers, text with text; a comparison of the two is unknown."""
    if isinstance(value, EitherValue):
        first, second = (_ordered(one, cmp, wanted, parameters, scale) for one in (value.first, value.second))
        return value.chosen(first, second)
    bounds = wanted if cmp == "between" else [wanted]
    numbers = [whole(number * scale) for number in map(as_number, bounds) if number is not None]
    if len(numbers) == len(bounds) and isinstance(value, AgeValue):
        return value.ordered(cmp, numbers, parameters)
    if isinstance(value, LocalDayValue) and all(_is_day(bound) for bound in bounds):
        return value.ordered(cmp, [date.fromisoformat(bound) for bound in bounds], parameters)
    if len(numbers) == len(bounds):
        found, places = value.number(), [parameters.number(number) for number in numbers]
    elif isinstance(value, DateValue) and all(_is_day(bound) for bound in bounds):
        found, places = value.sql, [parameters.add(bound, "date") for bound in bounds]
    else:
        found = None if (text := value.text()) is None else f'({text}) COLLATE "C"'
        places = [parameters.add(str(bound), "text") for bound in bounds]
    if found is None:
        return UNKNOWN
    if cmp == "between":
        return f"(({found}) BETWEEN {places[0]} AND {places[1]})"
    return f"(({found}) {SIGNS[cmp]} {places[0]})"


def _is_day(bound: Any) -> bool:
    """Is it written as a day, with others before and after it?"""
    if not ISO_DATE.fullmatch(str(bound)):
        return False
    try:
        return date.min < date.fromisoformat(str(bound)) < date.max
    except ValueError:
        return False


def _within_km(value: Value, wanted: Mapping[str, Any], parameters: Parameters) -> str:
    """Great-circle distance, as ``programs.rules.comparison.distance_km``."""
    place = value.place()
    if place is None:
        return UNKNOWN
    latitude, longitude = (f"({one})::float8" for one in place)
    first, other, radius = (
        parameters.add(float(Decimal(str(wanted[name]))), "float8") for name in ("lat", "lon", "km")
    )
    half_height = f"sin((radians({latitude}) - radians({first})) / 2)"
    half_width = f"sin(radians({longitude} - {other}) / 2)"
    chord = f"{half_height} ^ 2 + cos(radians({first})) * cos(radians({latitude})) * {half_width} ^ 2"
    return f"(2 * {EARTH_RADIUS_KM} * asin(sqrt({chord})) <= {radius})"
