"""What a rule wants to grant, and what its limits left of it. Mutable, lives within one evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from programs.rules.money import Number, round_number

if TYPE_CHECKING:
    from programs.rules.limits import Limit

TALK = ("message", "print")


@dataclass(slots=True)
class PointsDraft:
    """Points of one earn effect, smallest units; ``weights`` by position say how they are spread over lines."""

    effect_index: int
    point_type: str
    wanted: int
    amount: int
    positions: Sequence[int]
    weights: Sequence[int]
    basis: int
    numbers: dict[str, Any]


@dataclass(slots=True)
class DiscountDraft:
    """Money off of one price effect, minor units; ``parts`` by position add up to ``wanted``."""

    effect_index: int
    wanted: int
    amount: int
    parts: list[tuple[int, int]]
    facts: dict[str, Any]


@dataclass(slots=True)
class OtherDraft:
    """A voucher, message, segment ..."""

    effect_index: int
    effect: str
    facts: dict[str, Any]


@dataclass(slots=True)
class Proposal:
    """All that one rule wants in one evaluation."""

    points: list[PointsDraft] = field(default_factory=list)
    discounts: list[DiscountDraft] = field(default_factory=list)
    others: list[OtherDraft] = field(default_factory=list)
    has_substance: bool = False
    blocked_by: str | None = None
    limit_notes: list[tuple[Limit, int, int, int]] = field(default_factory=list)

    def grants_something(self) -> bool:
        """Points, a discount or an issued effect; talk (a message, a print) is nothing where the rule has more."""
        if any(draft.amount > 0 for draft in self.points) or any(draft.amount > 0 for draft in self.discounts):
            return True
        return any(draft.effect not in TALK or not self.has_substance for draft in self.others)

    def value(self, values: Mapping[str, Number]) -> Number:
        """Worth for the member in minor units: points by their value, and discounts (C10)."""
        worth: Number = sum(draft.amount for draft in self.discounts)
        for draft in self.points:
            if draft.amount:
                worth = worth + draft.amount * values.get(draft.point_type, 0)
        return worth

    def measured(
        self, measure: str, point_type: str | None, effect_index: int | None, values: Mapping[str, Number]
    ) -> int:
        """How much a limit counts of this proposal as it stands."""
        if measure == "uses":
            return int(self.grants_something())
        if measure == "points":
            return sum(
                draft.amount
                for draft in self.points
                if draft.point_type == point_type and effect_index in (None, draft.effect_index)
            )
        return round_number(self._of_effect(effect_index).value(values), "up")

    def _of_effect(self, effect_index: int | None) -> Proposal:
        if effect_index is None:
            return self
        return Proposal(
            points=[draft for draft in self.points if draft.effect_index == effect_index],
            discounts=[draft for draft in self.discounts if draft.effect_index == effect_index],
        )

    def cut(self, limit: Limit, left: int, values: Mapping[str, Number]) -> None:
        """Lower the drafts that the limit counts so that they fit into ``left``."""
        if limit.measure == "uses":
            if left < 1:
                self.clear()
            return
        if not limit.partial:
            left = 0
        counted = self._of_effect(limit.effect_index)
        remaining: Number = left
        if limit.measure == "value":
            for reduction in counted.discounts:
                reduction.amount = min(reduction.amount, round_number(remaining, "down"))
                remaining -= reduction.amount
        for draft in counted.points:
            if limit.measure == "points" and draft.point_type != limit.point_type:
                continue
            worth = values.get(draft.point_type, 0) if limit.measure == "value" else 1
            if worth:
                draft.amount = min(draft.amount, round_number(Fraction(remaining) / worth, "down"))
                remaining -= draft.amount * worth

    def clear(self) -> None:
        for draft in self.points:
            draft.amount = 0
        for reduction in self.discounts:
            reduction.amount = 0
        self.others.clear()
