"""Negation pushed to the leaves: ``not`` and ``none`` go, comparisons turn round, what cannot turn says so itself.

All of it holds in three-valued logic: unknown stays unknown, whichever way round a leaf is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OPPOSITE = {
    "eq": "ne", "ne": "eq", "gt": "lte", "lte": "gt", "gte": "lt", "lt": "gte", "in": "not_in", "not_in": "in",
    "overlaps": "disjoint", "disjoint": "overlaps", "is_missing": "is_present", "is_present": "is_missing",
}  # fmt: skip
COMPARED = ("test", "history", "compare", "streak_weeks")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition without parts; ``is_negated`` where no comparison could be turned round."""

    document: Mapping[str, Any]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """At least ``wanted`` of the parts: one is any, their number is all."""

    wanted: int
    parts: tuple[Normal, ...]


Normal = Leaf | Group


def normal(document: Mapping[str, Any], *, negated: bool = False) -> Normal:
    """The condition with its negations at the leaves."""
    kind = document["op"]
    if kind in ("not", "none"):
        # ``not`` of several means: not all of them; ``none``: not any.
        return normal({"op": "all" if kind == "not" else "any", "of": document["of"]}, negated=not negated)
    if kind in ("all", "any", "at_least"):
        parts = tuple(normal(part, negated=negated) for part in document["of"])
        wanted = {"all": len(parts), "any": 1}.get(kind) or int(document["n"])
        return Group(len(parts) - wanted + 1 if negated else wanted, parts)
    if not negated:
        return Leaf(document)
    if kind in COMPARED and document["cmp"] in OPPOSITE:
        return Leaf({**document, "cmp": OPPOSITE[document["cmp"]]})
    return Leaf(document, is_negated=True)
