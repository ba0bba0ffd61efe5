"""Candidate index: a rule is looked at only when the purchase holds a value that the rule cannot do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from programs.rules.context import MemberView, Purchase

# The most selective first: of several necessary keys of a rule the first in this order is indexed.
KEYS = (
    "line.sku",
    "line.product",
    "line.brand",
    "line.categories",
    "txn.coupons",
    "txn.partner",
    "txn.store",
    "txn.store_group",
    "txn.region",
    "txn.channel",
    "txn.payment",
    "member.tier",
)
Key = tuple[str, frozenset[str]]


def necessary_keys(conditions: Iterable[Mapping[str, Any] | None], lists: Mapping[str, Sequence[Any]]) -> list[Key]:
    """Attributes with the values of which at least one must be present for all conditions to be true."""
    found: list[Key] = []
    for condition in conditions:
        if condition is not None:
            _collect(condition, lists, found)
    return found


def best_key(keys: list[Key]) -> Key | None:
    return min(keys, key=lambda key: (KEYS.index(key[0]), len(key[1]), sorted(key[1])), default=None)


def _collect(condition: Mapping[str, Any], lists: Mapping[str, Sequence[Any]], found: list[Key]) -> None:
    kind = condition["op"]
    if kind == "all":
        for child in condition["of"]:
            _collect(child, lists, found)
    elif kind == "test":
        key = _test_key(condition, lists)
        if key is not None:
            found.append(key)
    elif (kind == "lines" and _needs_a_line(condition)) or kind == "every_line":
        where = condition.get("where")
        if where is not None:
            _collect(where, lists, found)


def _needs_a_line(condition: Mapping[str, Any]) -> bool:
    """Is the condition false when no line matches?"""
    try:
        value = float(condition["value"])
    except ValueError:
        return False
    cmp = condition["cmp"]
    return (cmp in ("gte", "eq") and value > 0) or (cmp == "gt" and value >= 0)


def _test_key(condition: Mapping[str, Any], lists: Mapping[str, Sequence[Any]]) -> Key | None:
    cmp, value = condition["cmp"], condition.get("value")
    if condition["attr"] not in KEYS or cmp not in ("eq", "in", "overlaps", "contains_all"):
        return None
    if isinstance(value, Mapping):
        value = lists.get(value.get("list", ""), ())
    values: list[Any] = [value] if cmp == "eq" else list(value or ())
    if cmp == "contains_all":
        values = values[:1]
    if not values or not all(isinstance(one, str) for one in values):
        return None
    return condition["attr"], frozenset(values)


def _line_values(attribute: str) -> Callable[[Purchase, MemberView], Iterable[Any]]:
    name = attribute.partition(".")[2]
    if name == "categories":
        return lambda purchase, member: {value for line in purchase.lines for value in line.categories}
    return lambda purchase, member: {getattr(line, name) for line in purchase.lines}


def _values(attribute: str) -> Callable[[Purchase, MemberView], Iterable[Any]]:
    entity, _, name = attribute.partition(".")
    if entity == "line":
        return _line_values(attribute)
    if entity == "member":
        return lambda purchase, member: (member.tier,)
    if name == "coupons":
        return lambda purchase, member: purchase.coupons
    return lambda purchase, member: (getattr(purchase, name),)


class Index:
    """Rules of one trigger by their necessary key; positions refer to the order of the rules."""

    __slots__ = ("_always", "_tables", "size")

    def __init__(self, keys: Sequence[Key | None]) -> None:
        self.size = len(keys)
        self._always = [position for position, key in enumerate(keys) if key is None]
        tables: dict[str, dict[str, list[int]]] = {}
        for position, key in enumerate(keys):
            if key is not None:
                for value in key[1]:
                    tables.setdefault(key[0], {}).setdefault(value, []).append(position)
        self._tables = [(_values(attribute), table) for attribute, table in tables.items()]

    def candidates(self, purchase: Purchase | None, member: MemberView) -> list[int]:
        """Positions of the rules that can be true, ascending."""
        if purchase is None or not self._tables:
            return list(range(self.size)) if purchase is None else self._always
        found = set(self._always)
        for values_of, table in self._tables:
            for value in values_of(purchase, member):
                hits = table.get(value)
                if hits is not None:
                    found.update(hits)
        return sorted(found)
