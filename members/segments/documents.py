"""``segment/1`` documents: what they ask of other segments, and in which order segments are judged. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

SCHEMA = "segment/1"


def wrapped(condition: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a condition."""
    return {"schema": SCHEMA, "when": dict(condition)}


def referred(node: Any) -> set[str]:
    """The codes of the segments that a condition names."""
    return set(_referred(node))


def _referred(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if node.get("op") == "in_segment":
            yield str(node["segment"])
        elif node.get("attr") == "member.segments":
            value = node.get("value", ())
            yield from (str(one) for one in (value if isinstance(value, list | tuple) else [value]))
        for child in node.values():
            yield from _referred(child)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from _referred(child)


def levels(asks: Mapping[str, set[str]]) -> dict[str, int] | None:
    """The level of each segment, above all that it asks for; nothing when they ask for each other in a circle.

    :param asks: by code, the codes that it names; codes that are no keys here are known beforehand.
    """
    found: dict[str, int] = {}
    left = dict(asks)
    while left:
        ready = {code for code, names in left.items() if not names & left.keys()}
        if not ready:
            return None
        for code in ready:
            found[code] = max((found[name] + 1 for name in asks[code] if name in found), default=0)
            del left[code]
    return found
