"""What the values that a line holds stand for: looked up by the value, or by all values of the line at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import attrgetter, or_
from typing import Any, TypeAlias

from programs.rules.context import Line

KEYED_FIELDS = ("sku", "product", "brand", "categories")
FIELDS: dict[str, Callable[[Line], Any]] = {name: attrgetter(name) for name in KEYED_FIELDS}
# Products of one category hold the same categories, so that few different tuples come by; more are forgotten.
REMEMBERED = 10_000

# What a line stands for: the rules that it is enough for, as bits, and the numbers of the predicates that ask for it.
Held: TypeAlias = tuple[int, Sequence[int]]
Lookup: TypeAlias = Callable[[Any], Held | None]


class _Together(dict[tuple[Any, ...], Held | None]):
    """For the values of one line, what they stand for together, remembered."""

    def __init__(self, single: Mapping[Any, Held]) -> None:
        super().__init__()
        self.single = single

    def __missing__(self, values: tuple[Any, ...]) -> Held | None:
        if len(self) >= REMEMBERED:
            self.clear()
        single = self.single
        several = [single[value] for value in values if value in single]
        rules = reduce(or_, [bits for bits, _ in several], 0)
        found = self[values] = (
            (rules, tuple(dict.fromkeys(number for _, slots in several for number in slots))) if several else None
        )
        return found


def lookup(field: str, rules: Mapping[Any, int], slots: Mapping[Any, Sequence[int]]) -> Lookup:
    """What the content of a field of a line stands for; None for content that nobody names.

    :param rules: by value, the rules that it is enough for, as bits.
    :param slots: by value, the numbers of the predicates that ask for it.
    """
    single = {value: (rules.get(value, 0), tuple(slots.get(value, ()))) for value in {*rules, *slots}}
    return _Together(single).__getitem__ if field == "categories" else single.get


def spread_out(held: Iterable[Held | None], lines_of: dict[int, list[int]]) -> int:
    """Note for each predicate the positions of its lines in ``lines_of``; all the rules that the lines are enough for.

    :param held: what each line stands for, in the order of the lines.
    """
    found = 0
    for position, each in enumerate(held):
        if each:
            rules, slots = each
            found |= rules
            for slot in slots:
                if slot in lines_of:
                    lines_of[slot].append(position)
                else:
                    lines_of[slot] = [position]
    return found
