"""Whether a member can meet a rule's conditions when nothing is known of the basket: true, false, or None for "it
depends". Pure.

The rule core judges a purchase that is there; here it is not. Whatever reads the basket, the till or the hour is
unknown, and three-valued logic carries that up: a rule is closed to the member only where their own data close it.
"""

from collections.abc import Mapping
from typing import Any

from programs.rules.conditions import Node
from programs.rules.state import State

OF_THE_BASKET = frozenset({"lines", "every_line", "during"})
ENTITIES = ("txn.", "line.", "coupon.", "event.")


def _reads_basket(document: Any) -> bool:
    if isinstance(document, Mapping):
        if document.get("op") in OF_THE_BASKET or document.get("of_lines") is not None:
            return True
        # What counts in earlier purchases is known: the filters of a history read those, not the basket.
        if document.get("op") == "history":
            return bool(document.get("include_current"))
        return any(_reads_basket(value) for value in document.values())
    if isinstance(document, list):
        return any(_reads_basket(value) for value in document)
    return isinstance(document, str) and document.startswith(ENTITIES)


def holds(node: Node | None, state: State) -> bool | None:
    """The truth of a condition for a member without a basket."""
    if node is None:
        return True
    operator = node.document["op"]
    if operator in {"all", "any", "none", "not", "at_least"}:
        return _together(node.document, [holds(child, state) for child in node.children])
    return None if _reads_basket(node.document) else node.fn(state, None)


def _together(document: Mapping[str, Any], values: list[bool | None]) -> bool | None:
    operator = document["op"]
    if operator == "at_least":
        wanted = int(document["n"])
        if values.count(True) >= wanted:
            return True
        return False if values.count(True) + values.count(None) < wanted else None
    if operator in {"all", "not"}:
        found = False if False in values else (None if None in values else True)
    else:
        found = True if True in values else (None if None in values else False)
    return found if operator in {"all", "any"} or found is None else not found
