"""Comparisons of an attribute with a value: true, false, or None (unknown) when the attribute is missing (C14)."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from programs.rules.attributes import MONEY, TIER, Attribute
from programs.rules.context import Line
from programs.rules.held import KEYED_FIELDS
from programs.rules.money import Number, exact, whole
from programs.rules.view import Truth

NUMERIC = re.compile(r"^-?\d+(\.\d+)?$", re.ASCII)
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
ORDERING = ("gt", "gte", "lt", "lte", "between")
EARTH_RADIUS_KM = 6371.0088


def as_number(value: Any) -> Number | None:
    """An int, decimal, or text of a decimal as an exact number; anything else is no number."""
    if type(value) is int:
        return value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | Fraction):
        return value
    if isinstance(value, Decimal):
        return exact(value) if value.is_finite() else None
    if isinstance(value, float):
        return exact(Decimal(repr(value))) if math.isfinite(value) else None
    if isinstance(value, str) and NUMERIC.match(value):
        return exact(value)
    return None


def as_text(value: Any) -> str | None:
    """Text, or an ISO date, which orders as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return None


def _key(value: Any) -> Any:
    """What makes two values equal: numbers by value, text as it is, true is not 1."""
    if isinstance(value, bool):
        return ("bool", value)
    text = as_text(value)
    return as_number(value) if text is None else text


def _keys(values: Sequence[Any], scale: int) -> frozenset[Any]:
    keys: set[Any] = set()
    for value in values:
        number = as_number(value)
        if number is not None:
            keys.add(whole(number * scale))
        if scale == 1:
            keys.add(_key(value))
            if isinstance(value, int) and not isinstance(value, bool):
                keys.add(str(value))
    return frozenset(keys)


def _members(actual: Any) -> list[Any]:
    if isinstance(actual, list | tuple | set | frozenset):
        return [_key(value) for value in actual]
    return [_key(actual)]


def compile_test(attribute: Attribute, cmp: str, value: Any, money_scale: int) -> Truth:
    """A closure over (view, line) for ``attribute cmp value``; money is compared in minor units."""
    get = attribute.get
    if cmp == "is_missing":
        return lambda view, line: get(view, line) is None
    if cmp == "is_present":
        return lambda view, line: get(view, line) is not None
    scale = money_scale if attribute.kind == MONEY else 1
    if cmp in ("eq", "in"):
        return _membership(get, _keys(value if cmp == "in" else [value], scale), wanted=True)
    if cmp in ("ne", "not_in"):
        return _membership(get, _keys(value if cmp == "not_in" else [value], scale), wanted=False)
    if cmp == "overlaps":
        return _membership(get, _keys(value, scale), wanted=True)
    if cmp == "disjoint":
        return _membership(get, _keys(value, scale), wanted=False)
    if cmp == "contains_all":
        return _contains_all(get, _keys_each(value))
    if cmp == "starts_with":
        return _starts_with(get, tuple(value) if isinstance(value, list) else (value,))
    if cmp == "within_km":
        return _within_km(get, value)
    assert cmp in ORDERING, cmp
    if attribute.kind == TIER:
        return _tier_order(attribute, cmp, value)
    return _order(get, cmp, value, scale, attribute.remembered)


def _keys_each(values: Sequence[Any]) -> list[frozenset[Any]]:
    return [_keys([value], 1) for value in values]


def line_keys(where: Mapping[str, Any], value: Any) -> tuple[str, frozenset[Any]] | None:
    """The field of a line and the values one of which it must hold, for a test that asks no more than that."""
    entity, _, field = str(where.get("attr", "")).partition(".")
    if where["op"] != "test" or entity != "line" or field not in KEYED_FIELDS:
        return None
    if where["cmp"] == "eq":
        return field, _keys([value], 1)
    return (field, _keys(value, 1)) if where["cmp"] in ("in", "overlaps") else None


def _membership(get: Callable[[Any, Line | None], Any], keys: frozenset[Any], *, wanted: bool) -> Truth:
    """True when one of the values of the attribute is (``wanted``) or none is (not ``wanted``) among the keys."""

    def test(view: Any, line: Line | None) -> bool | None:
        actual = get(view, line)
        if actual is None:
            return None
        kind = type(actual)
        if kind is str or kind is int:
            return (actual in keys) is wanted
        if kind is tuple:  # the core's own tuples hold text
            return keys.isdisjoint(actual) is not wanted
        if kind is list or kind is set or kind is frozenset:
            return (not keys.isdisjoint(_members(actual))) is wanted
        return (_key(actual) in keys) is wanted

    return test


def _contains_all(get: Callable[[Any, Line | None], Any], keys: list[frozenset[Any]]) -> Truth:
    def test(view: Any, line: Line | None) -> bool | None:
        actual = get(view, line)
        if actual is None:
            return None
        found = set(_members(actual))
        return all(not found.isdisjoint(key) for key in keys)

    return test


def _starts_with(get: Callable[[Any, Line | None], Any], prefixes: tuple[str, ...]) -> Truth:
    def test(view: Any, line: Line | None) -> bool | None:
        actual = get(view, line)
        return None if actual is None else str(actual).startswith(prefixes)

    return test


def _order(
    get: Callable[[Any, Line | None], Any], cmp: str, value: Any, scale: int, remembered: str | None = None
) -> Truth:
    """Numbers with numbers, text (ISO dates) with text; a comparison of the two is unknown.

    :param remembered: where the view remembers the value, which is a whole number.
    """
    bounds = value if cmp == "between" else [value]
    numbers = [as_number(bound) for bound in bounds]
    numeric = all(number is not None for number in numbers)
    convert: Callable[[Any], Any] = as_number if numeric else as_text
    limits: list[Any] = [whole(number * scale) for number in numbers if number is not None] if numeric else bounds
    if cmp == "between":
        low, high = limits

        def between(view: Any, line: Line | None) -> bool | None:
            actual = convert(get(view, line))
            return None if actual is None else bool(low <= actual <= high)

        return between
    limit, compare = limits[0], ORDER[cmp]
    if numeric and remembered is not None:

        def of_purchase(view: Any, line: Line | None) -> bool | None:
            amount = view.memo.get(remembered)
            if amount is None:
                amount = get(view, line)
            return None if amount is None else compare(amount, limit)

        return of_purchase

    def order(view: Any, line: Line | None) -> bool | None:
        actual = get(view, line)
        if type(actual) is not int or not numeric:
            actual = convert(actual)
        return None if actual is None else compare(actual, limit)

    return order


def _tier_order(attribute: Attribute, cmp: str, value: Any) -> Truth:
    get, ranks_of = attribute.get, attribute.ranks
    assert ranks_of is not None
    if cmp == "between":
        low, high = value

        def between(view: Any, line: Line | None) -> bool | None:
            ranks = ranks_of(view)
            rank, first, last = ranks.get(get(view, line)), ranks.get(low), ranks.get(high)
            return None if rank is None or first is None or last is None else first <= rank <= last

        return between
    compare = ORDER[cmp]

    def order(view: Any, line: Line | None) -> bool | None:
        ranks = ranks_of(view)
        rank, limit = ranks.get(get(view, line)), ranks.get(value)
        return None if rank is None or limit is None else compare(rank, limit)

    return order


def _within_km(get: Callable[[Any, Line | None], Any], value: Mapping[str, Any]) -> Truth:
    latitude, longitude, radius = (float(value[name]) for name in ("lat", "lon", "km"))

    def test(view: Any, line: Line | None) -> bool | None:
        place = get(view, line)
        if not isinstance(place, Mapping) or place.get("lat") is None or place.get("lon") is None:
            return None
        return distance_km(latitude, longitude, float(place["lat"]), float(place["lon"])) <= radius

    return test


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance."""
    first, second = math.radians(latitude), math.radians(other_latitude)
    half_width = math.sin(math.radians(other_longitude - longitude) / 2)
    half_height = math.sin((second - first) / 2)
    chord = half_height**2 + math.cos(first) * math.cos(second) * half_width**2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))
