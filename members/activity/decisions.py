"""A stored decision for people: which rule gave or took how many points, and the values that it read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from programs.promotions.queries import rule_names
from programs.setup.models import PointType


@dataclass(frozen=True, slots=True)
class Decided:
    """One rule's points: smallest units, below zero where they were taken back."""

    rule: str
    units: int
    decimals: int
    type: str


def rows(outcome: Mapping[str, Any]) -> list[Decided]:
    """What a decision gave, or what a return took back, by rule and point type in the order of the decision."""
    sums: dict[tuple[str, str], int] = {}
    for grant in outcome.get("grants", ()):
        key = (grant["rule"], grant["type"])
        sums[key] = sums.get(key, 0) + grant["amount"]
    for rule, _effect, kind, units in outcome.get("reversed", ()):
        sums[rule, kind] = sums.get((rule, kind), 0) - units
    names, types = rule_names(), {row.code: row for row in PointType.objects.all()}
    return [
        Decided(
            rule=names.get(rule, rule),
            units=units,
            decimals=types[kind].decimals if kind in types else 0,
            type=types[kind].named(units) if kind in types else kind,
        )
        for (rule, kind), units in sums.items()
    ]


def flat(values: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Nested values one below the other, each with the way to it: ``("purchase.lines.1.qty", "2")``."""
    if isinstance(values, Mapping):
        parts: Any = values.items()
    elif isinstance(values, list):
        parts = [(str(place), value) for place, value in enumerate(values, start=1)]
    else:
        yield path, "–" if values is None else str(values)
        return
    for name, value in parts:
        yield from flat(value, f"{path}.{name}" if path else str(name))
