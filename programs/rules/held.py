"""What the values that a line holds stand for: looked up by the value, or by all values of the line at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from programs.rules.context import Line

KEYED_FIELDS = ("sku", "product", "brand", "categories")
FIELDS: dict[str, Callable[[Line], Any]] = {name: attrgetter(name) for name in KEYED_FIELDS}
# Products of one category hold the same categories, so that few different tuples come by; more are forgotten.
REMEMBERED = 10_000

_T = TypeVar("_T")


class _Together(dict[tuple[Any, ...], _T]):
    """For the values of one line, what they stand for together, remembered."""

    def __init__(self, single: Mapping[Any, _T], join: Callable[[Sequence[Any]], _T]) -> None:
        super().__init__()
        self.single = single
        self.join = join

    def __missing__(self, values: tuple[Any, ...]) -> _T:
        if len(self) >= REMEMBERED:
            self.clear()
        single = self.single
        found = self[values] = self.join([single[value] for value in values if value in single])
        return found


def lookup(field: str, single: Mapping[Any, _T], join: Callable[[Sequence[Any]], _T]) -> Callable[[Any], _T | None]:
    """What the content of a field of a line stands for; None, or what joins nothing, for content that nobody names.

    :param single: what each value stands for.
    :param join: makes one of what several values stand for.
    """
    if field == "categories":
        return _Together(single, join).__getitem__
    found: Callable[[Any], _T | None] = dict(single).get
    return found


def joined_bits(sets: Sequence[int]) -> int:
    """All bits of several sets."""
    found = 0
    for bits in sets:
        found |= bits
    return found


def joined_numbers(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    """Each number once."""
    return tuple(dict.fromkeys(number for numbers in parts for number in numbers))
