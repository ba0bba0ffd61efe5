"""What a rule wants to grant, and what its limits left of it. Mutable, lives within one evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from programs.rules.money import Number, round_number
from programs.rules.outcome import Grant

if TYPE_CHECKING:
    from programs.rules.limits import Limit
    from programs.rules.rule import Rule

TALK = ("message", "print")


class BaseBook(msgspec.Struct, eq=False):
    """Base points granted so far: totals by type, and by type what stands on each line (C05, C07)."""

    totals: dict[str, int] = {}
    drafts: dict[str, list[Grant]] = {}
    rows: dict[str, Sequence[int]] = {}

    def add(self, draft: Grant, *, is_spread: bool = True) -> None:
        """Points that are granted; not ``is_spread`` where only their total is known yet."""
        point_type = draft.effect.point_type
        if point_type not in self.totals:
            self.totals[point_type] = draft.amount
            self.drafts[point_type] = [draft] if is_spread else []
            return
        self.totals[point_type] += draft.amount
        if is_spread:
            self.drafts[point_type].append(draft)
            self.rows.pop(point_type, None)

    def row(self, point_type: str, line_count: int) -> Sequence[int] | None:
        """What stands on each line; None when nothing of the type was granted. Never changed once answered."""
        row = self.rows.get(point_type)
        if row is None:
            drafts = self.drafts.get(point_type)
            if drafts is None:
                return None
            if len(drafts) == 1 and len(drafts[0].positions) == line_count:
                row = drafts[0].shares
            else:
                sums = row = [0] * line_count
                for draft in drafts:
                    for position, share in zip(draft.positions, draft.shares, strict=True):
                        sums[position] += share
            self.rows[point_type] = row
        return row

    def copy(self) -> BaseBook:
        return BaseBook(dict(self.totals), {point_type: list(drafts) for point_type, drafts in self.drafts.items()})


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


class Proposal:
    """All that one rule wants in one evaluation; of a rule that wants a single grant and no more, the grant is that."""

    # Most rules give points and nothing else, so the rest is set only where there is something.
    discounts: Sequence[DiscountDraft] = ()
    others: Sequence[OtherDraft] = ()
    limit_notes: Sequence[tuple[Limit, int, int, int]] = ()
    blocked_by: str | None = None

    def __init__(self, owner: Rule, points: Sequence[Grant]) -> None:
        self.owner = owner
        self.points = points

    def grants_something(self) -> bool:
        """Points, a discount or an issued effect; talk (a message, a print) is nothing where the rule has more."""
        for draft in self.points:
            if draft.amount > 0:
                return True
        for reduction in self.discounts:
            if reduction.amount > 0:
                return True
        return any(other.effect not in TALK or not self.owner.has_substance for other in self.others)

    def value(self, values: Mapping[str, Number]) -> Number:
        """Worth for the member in minor units: points by their value, and discounts (C10)."""
        worth: Number = 0
        for draft in self.points:
            worth += draft.amount * values.get(draft.effect.point_type, 0)
        for reduction in self.discounts:
            worth += reduction.amount
        return worth

    def measured(
        self, measure: str, point_type: str | None, effect_index: int | None, values: Mapping[str, Number]
    ) -> int:
        """How much a limit counts of this proposal as it stands."""
        if measure == "uses":
            return int(self.grants_something())
        if measure == "points":
            amount = 0
            for draft in self.points:
                effect = draft.effect
                if effect.point_type == point_type and (effect_index is None or effect_index == effect.index):
                    amount += draft.amount
            return amount
        return round_number(self._of_effect(effect_index).value(values), "up")

    def slack(self, limit: Limit) -> int | None:
        """How much more somebody else may take of a limit without a change to this proposal; None where it was cut."""
        for noted, left, before, _after in self.limit_notes:
            if noted is limit:
                return left - before if before <= left else None
        return None

    def _of_effect(self, effect_index: int | None) -> Proposal:
        if effect_index is None:
            return self
        part = Proposal(self.owner, [draft for draft in self.points if draft.effect.index == effect_index])
        part.discounts = [reduction for reduction in self.discounts if reduction.effect_index == effect_index]
        return part

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
            point_type = draft.effect.point_type
            if limit.measure == "points" and point_type != limit.point_type:
                continue
            worth = values.get(point_type, 0) if limit.measure == "value" else 1
            if worth:
                draft.cut(min(draft.amount, round_number(Fraction(remaining) / worth, "down")))
                remaining -= draft.amount * worth

    def clear(self) -> None:
        for draft in self.points:
            draft.cut(0)
        for reduction in self.discounts:
            reduction.amount = 0
        self.others = ()


Wish: TypeAlias = Proposal | Grant
