"""Conditions that can never be true, because parts of them exclude each other: at the part that does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from programs.rules.catalog import Catalog, Facts
from programs.rules.comparison import ORDERING, as_number
from programs.rules.history import canonical
from programs.rules.money import Number

Contradiction: TypeAlias = tuple[str, str, dict[str, Any]]
Bound: TypeAlias = tuple[Number, bool]


@dataclass(slots=True)
class Possible:
    """What is left of the values of one thing: a number between bounds (each with: is it allowed itself?), or a choice.

    :param choices: the values that are left, as text; None when nothing limits them.
    """

    low: Bound | None = None
    high: Bound | None = None
    choices: frozenset[str] | None = None
    is_missing: bool = False
    is_compared: bool = False
    excluded: set[str] = field(default_factory=set)

    def narrow(self, cmp: str, value: Any) -> None:
        """Take the comparison into account."""
        if cmp == "is_missing":
            self.is_missing = True
            return
        self.is_compared = True
        if cmp in ("eq", "in"):
            wanted = frozenset(_text(one) for one in ([value] if cmp == "eq" else value))
            self.choices = wanted if self.choices is None else self.choices & wanted
        elif cmp in ("ne", "not_in"):
            self.excluded.update(_text(one) for one in ([value] if cmp == "ne" else value))
        elif cmp == "between":
            self._above(value[0], True)
            self._below(value[1], True)
        elif cmp in ("gt", "gte"):
            self._above(value, cmp == "gte")
        elif cmp in ("lt", "lte"):
            self._below(value, cmp == "lte")

    def _above(self, value: Any, allowed: bool) -> None:
        number = as_number(value)
        if number is not None and (self.low is None or (number, not allowed) > (self.low[0], not self.low[1])):
            self.low = (number, allowed)

    def _below(self, value: Any, allowed: bool) -> None:
        number = as_number(value)
        if number is not None and (self.high is None or (number, allowed) < self.high):
            self.high = (number, allowed)

    @property
    def is_empty(self) -> bool:
        if self.is_missing:
            return self.is_compared
        if self.choices is not None:
            return not any(self._holds(choice) for choice in self.choices)
        if self.low is None or self.high is None:
            return False
        return self.low[0] > self.high[0] or (self.low[0] == self.high[0] and not (self.low[1] and self.high[1]))

    def _holds(self, choice: str) -> bool:
        number = as_number(choice)
        if choice in self.excluded:
            return False
        if number is None:
            return True
        above = self.low is None or number > self.low[0] or (number == self.low[0] and self.low[1])
        below = self.high is None or number < self.high[0] or (number == self.high[0] and self.high[1])
        return above and below


def _text(value: Any) -> str:
    number = as_number(value)
    return str(value) if number is None or isinstance(value, bool) else str(number)


def contradictions(parts: Sequence[tuple[Mapping[str, Any], str]], catalog: Catalog) -> Iterator[Contradiction]:
    """What can never be true in conditions all of which must hold, each given with its path."""
    left: dict[str, Possible] = {}
    for leaf, path in (found for part, start in parts for found in _conjuncts(part, start)):
        alone = list(_alone(leaf, path, catalog))
        yield from alone
        yield from _inside(leaf, path, catalog)
        subject, possible = _subject(leaf, catalog)
        if subject is not None:
            here = left.setdefault(subject, possible)
            was_empty = here.is_empty
            here.narrow(leaf["cmp"], leaf.get("value"))
            if here.is_empty and not was_empty and not alone:
                yield path, "never_true", {}


def _conjuncts(condition: Mapping[str, Any], path: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    if condition["op"] != "all":
        yield condition, path
        return
    for index, child in enumerate(condition["of"]):
        yield from _conjuncts(child, f"{path}/of/{index}")


def _inside(condition: Mapping[str, Any], path: str, catalog: Catalog) -> Iterator[Contradiction]:
    """In what is chosen between, and in filters of lines. What is negated may well never be true."""
    kind = condition["op"]
    if kind == "not" and all(child["op"] == "true" for child in condition["of"]):
        yield path, "never_true", {}
    elif kind in ("any", "at_least"):
        for index, child in enumerate(condition["of"]):
            yield from contradictions([(child, f"{path}/of/{index}")], catalog)
    elif "where" in condition:
        yield from contradictions([(condition["where"], f"{path}/where")], catalog)


def _alone(leaf: Mapping[str, Any], path: str, catalog: Catalog) -> Iterator[Contradiction]:
    """A comparison that nothing can satisfy."""
    subject, possible = _subject(leaf, catalog)
    if subject is not None:
        possible.narrow(leaf["cmp"], leaf.get("value"))
        if possible.is_empty:
            yield path, "never_true", {}


def _subject(leaf: Mapping[str, Any], catalog: Catalog) -> tuple[str | None, Possible]:
    """What a comparison is about, and the values it can have at all; None where that cannot be said."""
    kind = leaf["op"]
    if isinstance(leaf.get("value"), Mapping):
        return None, Possible()
    if kind == "test":
        return _attribute_subject(leaf, catalog.facts(leaf["attr"]))
    if kind in ("lines", "history", "streak_weeks"):
        about = {name: value for name, value in leaf.items() if name not in ("cmp", "value")}
        return canonical(about), Possible((0, True))
    if kind == "purchase_number" and "cmp" in leaf:
        return "purchase_number", Possible((1, True))
    return None, Possible()


def _attribute_subject(leaf: Mapping[str, Any], facts: Facts | None) -> tuple[str | None, Possible]:
    if facts is None:
        # It may hold several values, but only a single one can be put in order.
        return (leaf["attr"] if leaf["cmp"] in ORDERING else None), Possible()
    if not facts.has_one_value or leaf["cmp"] in ("starts_with", "within_km"):
        return None, Possible()
    low = None if facts.least is None else (facts.least, True)
    high = None if facts.most is None else (facts.most, True)
    return leaf["attr"], Possible(low, high)
