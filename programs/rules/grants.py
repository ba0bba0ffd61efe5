"""Collecting what is granted in one evaluation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from programs.rules.explain import missing_amount
from programs.rules.limits import Limit, Taken
from programs.rules.money import Number, largest_remainder
from programs.rules.outcome import DiscountGrant, EffectGrant, Grant, LimitUse, LineResult, shared
from programs.rules.proposal import BaseBook, DiscountDraft, Proposal, Wish
from programs.rules.rule import Rule
from programs.rules.state import State


class Collector(msgspec.Struct, eq=False):
    """Grants of one evaluation. ``discounted`` holds money off by position of the line.

    ``applied`` names the rules that gave something, as far as their grants do not say it.
    """

    grants: list[Grant] = []
    points: defaultdict[str, int] = msgspec.field(default_factory=partial(defaultdict, int))
    discounts: list[DiscountGrant] = []
    effects: list[EffectGrant] = []
    discounted: dict[int, int] = {}
    applied: dict[str, None] = {}
    uses: list[tuple[Limit, int, int | None]] = []

    def grant(self, proposal: Wish, state: State) -> None:
        """Take over a proposal."""
        rule = proposal.owner
        if proposal.discounts:
            for reduction in proposal.discounts:
                self._discount(rule, reduction, state)
        if proposal.others:
            self.applied[rule.id] = None
            for other in proposal.others:
                document = rule.effects[other.effect_index].document
                self.effects.append(EffectGrant(rule.id, other.effect_index, other.effect, document, other.facts))
        for draft in proposal.points:
            amount = draft.amount
            if amount > 0:
                self.points[draft.effect.point_type] += amount
                self.applied[rule.id] = None
                self.grants.append(draft)

    def take_over(self, grants: Sequence[Grant], only_type: str | None = None) -> None:
        """Take over bonuses that nothing can cut any more; ``only_type`` where they are all of one type of points."""
        points = self.points
        if only_type is None:
            for one in grants:
                points[one.effect.point_type] += one.amount
        elif grants:
            points[only_type] += sum([one.amount for one in grants])
        self.grants += grants

    def all_applied(self) -> tuple[str, ...]:
        """The rules that gave something."""
        return tuple(dict.fromkeys([*self.applied, *[one.effect.owner.id for one in self.grants]]))

    def _discount(self, rule: Rule, draft: DiscountDraft, state: State) -> None:
        """A line never costs less than nothing: what earlier discounts left of it is the most that comes off."""
        parts = draft.parts
        if draft.amount < draft.wanted:
            shares = largest_remainder(draft.amount, [part for _, part in parts])
            parts = [(position, share) for (position, _), share in zip(parts, shares, strict=True)]
        capped = [
            (position, min(part, state.lines[position].paid - self.discounted.get(position, 0)))
            for position, part in parts
        ]
        capped = [(position, part) for position, part in capped if part > 0]
        draft.parts, draft.amount = capped, sum(part for _, part in capped)
        if not capped:
            return
        self.applied[rule.id] = None
        for position, part in capped:
            self.discounted[position] = self.discounted.get(position, 0) + part
        self.discounts.append(
            DiscountGrant(
                rule=rule.id,
                effect_index=draft.effect_index,
                amount=draft.amount,
                wanted=draft.wanted,
                lines=tuple((state.lines[position].line_id, part) for position, part in capped),
                funding=shared(rule.funding, draft.amount),
                facts=draft.facts,
            )
        )

    def else_effects(self, rule: Rule, leaf: Mapping[str, Any]) -> None:
        """What a rule says when its condition is not true; ``missing_amount`` fills a placeholder."""
        missing = missing_amount(leaf)
        facts = {} if missing is None else {"missing_amount": missing}
        for effect in rule.else_effects:
            self.effects.append(EffectGrant(rule.id, effect.index, effect.kind, effect.document, facts, "else"))

    def take(self, proposal: Proposal, taken: Taken, values: Mapping[str, Number], *, is_second: bool = False) -> None:
        """Note what the grant takes from the rule's limits; the second half of a rule is no second use."""
        for limit in proposal.owner.limits:
            if is_second and limit.measure == "uses":
                continue
            amount = proposal.measured(limit.measure, limit.point_type, limit.effect_index, values)
            if amount > 0:
                taken.add(limit.counter, amount)
                if limit.scope != "transaction":
                    self.uses.append((limit, amount, proposal.slack(limit)))

    def granted_book(self) -> BaseBook:
        """Base points plus all bonuses granted so far: what compound rules multiply (C05)."""
        book = BaseBook()
        for grant in self.grants:
            book.add(grant)
        return book

    def limit_uses(self, state: State) -> tuple[LimitUse, ...]:
        return tuple([limit.use(state, amount, slack) for limit, amount, slack in self.uses])

    def lines(self, state: State) -> tuple[LineResult, ...]:
        """Per line what was granted and taken off."""
        count = len(state.lines)
        base: list[dict[str, int]] = [{} for _ in range(count)]
        bonus: list[dict[str, int]] = [{} for _ in range(count)]
        for grant in self.grants:
            row, point_type = base if grant.phase == "base" else bonus, grant.point_type
            for position, share in grant.parts:
                row[position][point_type] = row[position].get(point_type, 0) + share
        return tuple(
            LineResult(line.line_id, base[position], bonus[position], self.discounted.get(position, 0))
            for position, line in enumerate(state.lines)
        )
