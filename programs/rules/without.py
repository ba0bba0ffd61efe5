"""What a rule set gives without one of its rules, told from what it gave with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from programs.rules.grants import Collector
from programs.rules.outcome import Judged, LimitUse, LineResult, Outcome
from programs.rules.rule import Rule
from programs.rules.state import State


def without(judged: Judged, collected: Collector, state: State, rule: Rule) -> Outcome:
    """What is left of the grants when those of a rule that only adds, and that gave something, are taken away."""
    name = rule.id
    left = Collector(
        grants=[one for one in collected.grants if one.effect.owner is not rule],
        discounts=collected.discounts,
        effects=[one for one in collected.effects if one.rule != name],
        discounted=collected.discounted,
        applied={one: None for one in collected.applied if one != name},
        uses=[use for use in collected.uses if use[0].rule != name],
    )
    for one in left.grants:
        left.points[one.effect.point_type] += one.amount
    source = _Left(judged, left, state, name)
    return Outcome(source, tuple(left.grants), tuple(left.discounts), tuple(left.effects), dict(left.points))


class _Left:
    """Works out the parts of the outcome that is left; nothing is said otherwise of the rules that stay."""

    __slots__ = ("_collected", "_judged", "_name", "_state")

    def __init__(self, judged: Judged, collected: Collector, state: State, name: str) -> None:
        self._judged, self._collected, self._state, self._name = judged, collected, state, name

    @property
    def start(self) -> State:
        return self._judged.start

    def looked_at(self) -> Iterable[Rule]:
        return [rule for rule in self._judged.looked_at() if rule.id != self._name]

    def applied(self) -> tuple[str, ...]:
        return self._collected.all_applied()

    def lines(self) -> tuple[LineResult, ...]:
        return self._collected.lines(self._state)

    def limit_uses(self) -> tuple[LimitUse, ...]:
        return self._collected.limit_uses(self._state)

    def not_applied(self) -> Mapping[str, str]:
        return self._judged.not_applied()

    def explanation(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(entry for entry in self._judged.explanation() if entry["rule"] != self._name)

    def without(self, rule: Rule) -> Outcome | None:
        return without(self, self._collected, self._state, rule) if rule.only_adds else None
