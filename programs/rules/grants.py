"""Collecting what is granted, and putting the outcome together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from programs.rules.compile import Rule, RuleSet
from programs.rules.explain import missing_amount
from programs.rules.limits import Taken
from programs.rules.money import Number, largest_remainder
from programs.rules.outcome import DiscountGrant, EffectGrant, FundingShare, Grant, LimitUse, LineResult, Outcome
from programs.rules.proposal import DiscountDraft, PointsDraft, Proposal
from programs.rules.state import BaseBook, State

Parts = list[tuple[int, int]]


class Collector:
    """Grants of one evaluation. ``discounted`` holds money off by position of the line."""

    def __init__(self, ruleset: RuleSet, state: State) -> None:
        self.settings = ruleset.settings
        self.state = state
        self.grants: list[Grant] = []
        self.discounts: list[DiscountGrant] = []
        self.effects: list[EffectGrant] = []
        self.limit_uses: list[LimitUse] = []
        self.discounted: dict[int, int] = {}
        self.applied: dict[str, None] = {}
        self._points: list[tuple[str, str, Parts]] = []

    def has(self, rule: Rule) -> bool:
        return rule.id in self.applied

    def grant(self, rule: Rule, proposal: Proposal, state: State) -> list[Parts]:
        """Take over a proposal; answers the parts by position of each of its points drafts."""
        for reduction in proposal.discounts:
            self._discount(rule, reduction, state)
        for other in proposal.others:
            document = rule.effects[other.effect_index].document
            self._applied(rule)
            self.effects.append(EffectGrant(rule.id, other.effect_index, other.effect, document, other.facts))
        return [self._grant_points(rule, draft, state) for draft in proposal.points]

    def _applied(self, rule: Rule) -> None:
        self.applied[rule.id] = None

    def _grant_points(self, rule: Rule, draft: PointsDraft, state: State) -> Parts:
        if draft.amount <= 0:
            return []
        self._applied(rule)
        shares = largest_remainder(draft.amount, draft.weights)
        parts = [(position, share) for position, share in zip(draft.positions, shares, strict=True) if share]
        lines = state.lines
        effect = rule.effects[draft.effect_index].document
        self._points.append((rule.phase, draft.point_type, parts))
        self.grants.append(
            Grant(
                rule=rule.id,
                effect_index=draft.effect_index,
                point_type=draft.point_type,
                amount=draft.amount,
                wanted=draft.wanted,
                lines=tuple([(lines[position].line_id, share) for position, share in parts]),
                basis=draft.basis,
                formula={**effect["formula"], **draft.numbers} if draft.numbers else effect["formula"],
                activation=effect.get("activation"),
                expiry=effect.get("expiry"),
                funding=_funding(rule, draft.amount),
                recipient=effect.get("to", "member"),
                phase=rule.phase,
            )
        )
        return parts

    def _discount(self, rule: Rule, draft: DiscountDraft, state: State) -> None:
        """A line never costs less than nothing: what earlier discounts left of it is the most that comes off."""
        parts = draft.parts
        if draft.amount < draft.wanted:
            shares = largest_remainder(draft.amount, [part for _, part in parts])
            parts = [(position, share) for (position, _), share in zip(parts, shares, strict=True)]
        capped = [
            (position, min(part, self.state.lines[position].paid - self.discounted.get(position, 0)))
            for position, part in parts
        ]
        capped = [(position, part) for position, part in capped if part > 0]
        draft.parts, draft.amount = capped, sum(part for _, part in capped)
        if not capped:
            return
        self._applied(rule)
        for position, part in capped:
            self.discounted[position] = self.discounted.get(position, 0) + part
        self.discounts.append(
            DiscountGrant(
                rule=rule.id,
                effect_index=draft.effect_index,
                amount=draft.amount,
                wanted=draft.wanted,
                lines=tuple((state.lines[position].line_id, part) for position, part in capped),
                funding=_funding(rule, draft.amount),
                facts=draft.facts,
            )
        )

    def else_effects(self, rule: Rule, leaf: Mapping[str, Any]) -> None:
        """What a rule says when its condition is not true; ``missing_amount`` fills a placeholder."""
        missing = missing_amount(leaf)
        facts = {} if missing is None else {"missing_amount": missing}
        for effect in rule.else_effects:
            self.effects.append(EffectGrant(rule.id, effect.index, effect.kind, effect.document, facts, "else"))

    def take(
        self,
        rule: Rule,
        proposal: Proposal,
        state: State,
        taken: Taken,
        values: Mapping[str, Number],
        *,
        is_second: bool = False,
    ) -> None:
        """Note what the grant takes from the rule's limits; the second half of a rule is no second use."""
        for limit in rule.limits:
            if is_second and limit.measure == "uses":
                continue
            amount = proposal.measured(limit.measure, limit.point_type, limit.effect_index, values)
            if amount > 0:
                taken.add(limit.counter, amount)
                if limit.scope != "transaction":
                    self.limit_uses.append(limit.use(state, amount))

    def granted_book(self, state: State) -> BaseBook:
        """Base points plus all bonuses granted so far: what compound rules multiply (C05)."""
        book = BaseBook()
        for grant, (_, point_type, parts) in zip(self.grants, self._points, strict=True):
            book.add(point_type, grant.amount, parts, len(state.lines))
        return book

    def outcome(
        self, reasons: Mapping[str, str], entries: Mapping[str, dict[str, Any]], rules: Sequence[Rule]
    ) -> Outcome:
        points: dict[str, int] = {}
        for grant in self.grants:
            points[grant.point_type] = points.get(grant.point_type, 0) + grant.amount
        return Outcome(
            grants=tuple(self.grants),
            discounts=tuple(self.discounts),
            effects=tuple(self.effects),
            applied=tuple(self.applied),
            not_applied=dict(sorted(reasons.items())),
            lines=self._lines(),
            points=points,
            limit_uses=tuple(self.limit_uses),
            explanation=tuple(entries[rule.id] for rule in rules if rule.id in entries),
        )

    def _lines(self) -> tuple[LineResult, ...]:
        count = len(self.state.lines)
        rows: dict[str, list[dict[str, int]]] = {
            "base": [{} for _ in range(count)],
            "bonus": [{} for _ in range(count)],
        }
        for phase, point_type, parts in self._points:
            row = rows[phase]
            for position, share in parts:
                row[position][point_type] = row[position].get(point_type, 0) + share
        return tuple(
            LineResult(line.line_id, base, bonus, self.discounted.get(position, 0))
            for position, (line, base, bonus) in enumerate(
                zip(self.state.lines, rows["base"], rows["bonus"], strict=True)
            )
        )


def _funding(rule: Rule, amount: int) -> tuple[FundingShare, ...]:
    if not rule.funding:
        return ()
    shares = largest_remainder(amount, [int(share * 10**9) for _, share in rule.funding])
    return tuple(
        FundingShare(partner, share, part) for (partner, share), part in zip(rule.funding, shares, strict=True)
    )
