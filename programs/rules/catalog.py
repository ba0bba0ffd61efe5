"""What is known of an attribute: its kind, the comparisons that suit it, the values that make sense."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeAlias

from programs.rules.comparison import as_number

Found: TypeAlias = tuple[str, str, dict[str, Any]]

VALUELESS = ("is_missing", "is_present", "within_km", "starts_with")
EQUALITY = ("eq", "ne", "in", "not_in", "is_missing", "is_present")
ORDERED = (*EQUALITY, "gt", "gte", "lt", "lte", "between")
TIME_OF_DAY = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")

COMPARISONS: dict[str, tuple[str, ...]] = {
    "money": ORDERED,
    "number": ORDERED,
    "date": ORDERED,
    "time": ORDERED,
    "tier": ORDERED,
    "text": (*EQUALITY, "starts_with"),
    "texts": (*EQUALITY, "starts_with", "overlaps", "disjoint", "contains_all"),
    "boolean": ("eq", "ne", "is_missing", "is_present"),
    "place": ("within_km", "is_missing", "is_present"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """One attribute.

    :param kind: a key of ``COMPARISONS``.
    :param least: the smallest value it can have; ``most`` the largest.
    """

    kind: str
    least: int | None = None
    most: int | None = None

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("money", "number")

    @property
    def has_one_value(self) -> bool:
        return self.kind not in ("texts", "place")


MONEY, TEXT, COUNT = Facts("money"), Facts("text"), Facts("number", 0)

BUILT_IN: dict[str, Facts] = {
    **{f"txn.{name}": MONEY for name in ("amount", "list_amount", "amount_ex_tax", "amount_without_points")},
    **{f"line.{name}": MONEY for name in ("paid", "amount", "list_amount", "amount_ex_tax", "amount_without_points")},
    **{f"txn.{name}": TEXT for name in ("channel", "payment", "partner", "store", "store_group", "region", "currency")},
    **{f"line.{name}": TEXT for name in ("line_id", "sku", "product", "brand", "unit")},
    "txn.paid_with_points": MONEY,
    "txn.coupons": Facts("texts"),
    "txn.weekday": Facts("number", 1, 7),
    "txn.hour": Facts("number", 0, 23),
    "txn.month": Facts("number", 1, 12),
    "txn.day": Facts("number", 1, 31),
    "txn.date": Facts("date"),
    "txn.time": Facts("time"),
    "txn.units": COUNT,
    "txn.lines": COUNT,
    "line.discount": MONEY,
    "line.unit_price": MONEY,
    "line.categories": Facts("texts"),
    "line.number": Facts("number", 1),
    "line.qty": Facts("number"),
    "line.units": Facts("number", 1),
    "line.tax_rate": Facts("number", 0),
    "line.on_sale": Facts("boolean"),
    "member.tier": Facts("tier"),
    "member.segments": Facts("texts"),
    "member.birthday": Facts("date"),
    "member.age": COUNT,
    "event.type": TEXT,
}


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a document may refer to.

    :param lists: value lists by reference; None when nobody knows them here.
    :param attributes: kind by path of the attributes that the program declares, as ``member.shoe_size``; a path
        ending in ``.*`` declares all below it. None when nobody knows them here; then any path is taken.
    """

    lists: Mapping[str, Any] | None = None
    attributes: Mapping[str, str] | None = None

    def facts(self, path: str) -> Facts | None:
        """What is known of an attribute; None for nothing."""
        if path in BUILT_IN:
            return BUILT_IN[path]
        if path.startswith("member.tier."):
            return BUILT_IN["member.tier"]
        declared = self.attributes or {}
        kind = declared.get(path) or declared.get(f"{path.rpartition('.')[0]}.*")
        return None if kind is None else Facts(kind)

    def is_unknown(self, path: str) -> bool:
        return self.attributes is not None and self.facts(path) is None

    def similar(self, path: str) -> list[str]:
        """Attributes that may have been meant."""
        return get_close_matches(path, [*BUILT_IN, *(self.attributes or ())], n=3)


def has_kind(facts: Facts, value: Any) -> bool:
    """Is the value of the kind of the attribute?"""
    if facts.is_numeric:
        return as_number(value) is not None
    if facts.kind == "boolean":
        return isinstance(value, bool)
    if facts.kind == "date":
        return _is_date(value)
    if facts.kind == "time":
        return isinstance(value, str) and TIME_OF_DAY.match(value) is not None
    return not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def attribute_problems(name: str, path: str, catalog: Catalog) -> Iterator[Found]:
    """Is there such an attribute?"""
    if catalog.is_unknown(name):
        yield path, "unknown_attribute", {"attr": name, "similar": catalog.similar(name)}


def comparison_problems(test: Mapping[str, Any], path: str, catalog: Catalog) -> Iterator[Found]:
    """Does a test suit its attribute?"""
    name, cmp, value = test["attr"], test["cmp"], test.get("value")
    facts = catalog.facts(name)
    if facts is None:
        yield from attribute_problems(name, f"{path}/attr", catalog)
        return
    if cmp not in COMPARISONS[facts.kind]:
        yield f"{path}/cmp", "not_a_choice", {"choices": list(COMPARISONS[facts.kind])}
    elif cmp in VALUELESS or isinstance(value, Mapping):
        return
    elif isinstance(value, list):
        for index, one in enumerate(value):
            if not has_kind(facts, one):
                yield f"{path}/value/{index}", "wrong_type", {"wanted": facts.kind}
    elif not has_kind(facts, value):
        yield f"{path}/value", "wrong_type", {"wanted": facts.kind}
