"""What a condition may not ask of a member who is not buying anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from programs.rules import Problem

# These ask about the purchase under way, or for its number.
PURCHASE_ONLY = ("lines", "every_line", "purchase_number")
ELSEWHERE = ("txn", "line", "event", "coupon", "account", "program")


def refused_parts(condition: Mapping[str, Any], path: str = "/when") -> list[Problem]:
    """The parts of a valid condition that only make sense inside a purchase, at their fields."""
    return [Problem(*one) for one in _refused(condition, path)]


def _refused(condition: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    kind = condition["op"]
    if kind in PURCHASE_ONLY:
        yield path, "only_in_purchase", {"op": kind}
    elif kind in ("test", "anniversary_within") and _is_elsewhere(condition["attr"]):
        yield f"{path}/attr", "only_in_purchase", {"attr": condition["attr"]}
    elif kind == "history" and condition.get("include_current"):
        yield f"{path}/include_current", "only_in_purchase", {"op": kind}
    elif kind == "compare":
        for side in ("left", "right"):
            yield from _refused_number(condition[side], f"{path}/{side}")
    for index, part in enumerate(condition.get("of", ())):
        yield from _refused(part, f"{path}/of/{index}")


def _refused_number(number: Any, path: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if not isinstance(number, Mapping):
        return
    if number["op"] == "attr" and _is_elsewhere(number["attr"]):
        yield f"{path}/attr", "only_in_purchase", {"attr": number["attr"]}
    if number["op"] == "history" and number.get("include_current"):
        yield f"{path}/include_current", "only_in_purchase", {"op": "history"}
    for index, part in enumerate(number.get("of", ())):
        yield from _refused_number(part, f"{path}/of/{index}")


def _is_elsewhere(attr: str) -> bool:
    return attr.partition(".")[0] in ELSEWHERE
