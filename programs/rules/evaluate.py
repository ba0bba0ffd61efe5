"""The evaluation: a rule set and a context in, an outcome out. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from programs.rules import explain
from programs.rules.compile import Rule, RuleSet, TriggerRules
from programs.rules.conditions import Node
from programs.rules.context import Context
from programs.rules.decision import decide, reason_of_missed
from programs.rules.grants import Collector
from programs.rules.holdout import is_held_out
from programs.rules.limits import Taken, apply_limits
from programs.rules.outcome import Outcome
from programs.rules.proposal import DiscountDraft, OtherDraft, Proposal
from programs.rules.stacking import Pending, stack
from programs.rules.state import BaseBook, State


def evaluate(ruleset: RuleSet, context: Context, *, trace: bool = True) -> Outcome:
    """Judge one purchase or event.

    :param trace: give every rule of the trigger its reason and an explanation; without it only candidates get one.
    """
    return _Evaluation(ruleset, context, trace).run()


class _Evaluation:
    """One run: discounts first (C23), then base points, bonuses, and compound bonuses (C05)."""

    def __init__(self, ruleset: RuleSet, context: Context, trace: bool) -> None:
        self.ruleset = ruleset
        self.context = context
        self.trace = trace
        self.settings = ruleset.settings
        self.values = ruleset.point_values
        self.state = State(context, ruleset.settings, ruleset.predicates)
        self.taken = Taken()
        self.book = BaseBook()
        self.collector = Collector(ruleset, self.state)
        self.reasons: dict[str, str] = {}
        self.entries: dict[str, dict[str, Any]] = {}

    def run(self) -> Outcome:
        rules = self.ruleset.triggers.get(self.context.trigger)
        if rules is not None:
            candidates = self._candidates(rules)
            priced = [rule for rule in candidates if rule.has_price]
            mixed = self._discount_pass(priced) if priced else []
            others = [rule for rule in candidates if not rule.has_price] if priced else candidates
            self._points_of_priced([rule for rule in mixed if rule.phase == "base"])
            self._base_pass([rule for rule in others if rule.phase == "base"])
            self._bonus_pass([rule for rule in others if rule.phase != "base"])
            self._points_of_priced([rule for rule in mixed if rule.phase != "base"])
        return self.collector.outcome(self.reasons, self.entries if self.trace else {}, self.ruleset.rules)

    def _candidates(self, rules: TriggerRules) -> list[Rule]:
        only, context = self.context.only_rules, self.context
        candidates = rules.candidates(context.purchase, context.member)
        if only is not None:
            candidates = [rule for rule in candidates if rule.id in only]
        if self.trace and len(candidates) < len(rules.rules):
            looked_at = {rule.id for rule in candidates}
            for rule in rules.rules:
                if rule.id not in looked_at and (only is None or rule.id in only):
                    reason, part = reason_of_missed(rule, self.state)
                    self._refuse(rule, reason, part)
        return candidates

    def _refuse(self, rule: Rule, reason: str, part: Node | None = None) -> None:
        self.reasons[rule.id] = reason
        if rule.else_effects and part is not None and part is rule.when:
            self.collector.else_effects(rule, explain.failing_leaf(part, self.state))
        if self.trace:
            self.entries[rule.id] = explain.not_applied(rule, reason, part, self.state)

    def _passes(self, rule: Rule) -> bool:
        reason, part = decide(rule, self.state)
        if reason is None:
            return True
        self._refuse(rule, reason, part)
        return False

    def _propose(self, rule: Rule, book: BaseBook, *, prices: bool = True, points: bool = True) -> Proposal:
        """What the rule wants, after its own limits."""
        state = self.state
        proposal = Proposal(has_substance=rule.has_substance)
        for effect in rule.effects:
            if effect.condition is not None and effect.condition(state, None) is not True:
                continue
            if effect.formula is not None:
                draft = effect.draft(state, book) if points else None
                if draft is not None:
                    proposal.points.append(draft)
            elif not prices:
                continue
            elif effect.pricing is not None:
                reduction = effect.pricing(state)
                if reduction is not None and reduction.amount > 0:
                    amount = reduction.amount
                    proposal.discounts.append(
                        DiscountDraft(effect.index, amount, amount, reduction.parts, reduction.facts)
                    )
            else:
                facts = {} if effect.facts is None else effect.facts(state)
                if facts is not None:
                    proposal.others.append(OtherDraft(effect.index, effect.kind, facts))
        if rule.limits:
            apply_limits(rule.limits, proposal, self.context.used_limits, self.taken, self.values)
        return proposal

    def _pending(self, rules: Sequence[Rule], book: BaseBook, *, points: bool = True) -> list[Pending]:
        """Rules that hold, with their proposals; who is held out or has nothing to grant is noted and left out."""
        pending: list[Pending] = []
        for rule in rules:
            if not self._passes(rule):
                continue
            proposal = self._propose(rule, book, points=points)
            if rule.holdout is not None and is_held_out(rule.holdout, self.context.member):
                self._hold_out(rule, proposal)
            elif proposal.blocked_by is not None:
                self._block(rule, proposal)
            elif proposal.grants_something() or proposal.others or (rule.has_price and rule.has_points):
                pending.append(Pending(rule, proposal))
            elif self.trace:
                self._note(rule, proposal, "nothing")
        return pending

    def _hold_out(self, rule: Rule, proposal: Proposal) -> None:
        self._refuse(rule, "holdout")
        if self.trace:
            self.entries[rule.id]["would_have"] = explain.proposed(rule, proposal, self.state, self.settings)

    def _block(self, rule: Rule, proposal: Proposal) -> None:
        self._refuse(rule, f"limit:{proposal.blocked_by}")
        if self.trace:
            self.entries[rule.id].update(explain.proposed(rule, proposal, self.state, self.settings))

    def _note(self, rule: Rule, proposal: Proposal, status: str) -> None:
        entry = {"rule": rule.id, "phase": rule.phase, "status": status}
        self.entries[rule.id] = entry | explain.proposed(rule, proposal, self.state, self.settings)

    def _stacked(self, pending: Sequence[Pending]) -> list[Pending]:
        """Base rules are never dropped; the others by exclusivity and groups (C10)."""
        bonus = [one for one in pending if one.rule.phase != "base"]
        kept, dropped = stack(bonus, self.settings, self.values)
        for one in bonus:
            if one.rule.id in dropped:
                self._refuse(one.rule, dropped[one.rule.id])
                if self.trace:
                    would_have = explain.proposed(one.rule, one.proposal, self.state, self.settings)
                    self.entries[one.rule.id]["would_have"] = would_have
        return [one for one in pending if one.rule.phase == "base"] + kept

    def _settle(self, one: Pending, book: BaseBook, *, prices: bool = True, points: bool = True) -> None:
        """Grant what is proposed; a limit that rules share may leave less now than when it was proposed."""
        rule, proposal = one.rule, one.proposal
        if rule.has_shared_limits:
            proposal = self._propose(rule, book, prices=prices, points=points)
            if proposal.blocked_by is not None:
                self._block(rule, proposal)
                return
        parts = self.collector.grant(rule, proposal, self.state)
        self.collector.take(rule, proposal, self.state, self.taken, self.values)
        if rule.phase == "base" or rule.is_compound:
            for draft, shares in zip(proposal.points, parts, strict=True):
                book.add(draft.point_type, draft.amount, shares, len(self.state.lines))
        if self.trace:
            self._note(rule, proposal, "applied" if self.collector.has(rule) else "nothing")

    def _discount_pass(self, rules: Sequence[Rule]) -> list[Rule]:
        """Grant discounts; the rules that stay and give points as well come back for their points."""
        kept = self._stacked(self._pending(rules, self.book, points=False))
        for one in kept:
            self._settle(one, self.book, points=False)
        if self.settings.earn_on == "after_loyalty_discounts" and self.collector.discounted:
            self.state = self.state.lowered(self.collector.discounted)
        return [one.rule for one in kept if one.rule.has_points and one.rule.id not in self.reasons]

    def _base_pass(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            for one in self._pending([rule], self.book):
                self._settle(one, self.book)

    def _bonus_pass(self, rules: Sequence[Rule]) -> None:
        """Bonus rules see base points, never each other; compound rules see what was granted before them."""
        pending = self._pending([rule for rule in rules if not rule.is_compound], self.book)
        compounds = [rule for rule in rules if rule.is_compound]
        if compounds:
            pending = self._with_compounds(pending, compounds)
        book = self.book
        late: list[Pending] = []
        for one in self._stacked(pending):
            if one.rule.is_compound:
                late.append(one)
            else:
                self._settle(one, book)
        if late:
            book = self.collector.granted_book(self.state)
            for one in late:
                one.proposal = self._propose(one.rule, book)
                self._settle(one, book)

    def _with_compounds(self, pending: list[Pending], compounds: Sequence[Rule]) -> list[Pending]:
        """Stack compound rules by what they would give on base plus the bonuses that stay without them.

        Bonuses of its own group are no rivals' gift: a rule is weighed on what the other groups leave.
        """
        kept, _ = stack(pending, self.settings, self.values)
        found: list[Pending] = []
        for rule in compounds:
            book = self.book.copy()
            for one in kept:
                if not rule.exclusive and (rule.group is None or one.rule.group != rule.group):
                    for draft in one.proposal.points:
                        book.add(draft.point_type, draft.amount, (), len(self.state.lines))
            found.extend(self._pending([rule], book))
        return sorted([*pending, *found], key=lambda one: one.rule.order)

    def _points_of_priced(self, rules: Sequence[Rule]) -> None:
        """Points of rules that won in the pass of discounts; they are not stacked a second time."""
        for rule in rules:
            proposal = self._propose(rule, self.book, prices=False)
            if proposal.blocked_by is None and proposal.points:
                self._settle_points(rule, proposal)

    def _settle_points(self, rule: Rule, proposal: Proposal) -> None:
        parts = self.collector.grant(rule, proposal, self.state)
        self.collector.take(rule, proposal, self.state, self.taken, self.values, is_second=True)
        if rule.phase == "base":
            for draft, shares in zip(proposal.points, parts, strict=True):
                self.book.add(draft.point_type, draft.amount, shares, len(self.state.lines))
        if self.trace:
            second = explain.proposed(rule, proposal, self.state, self.settings)
            entry = self.entries[rule.id]
            entry["effects"] += second["effects"]
            entry["limits"] += second["limits"]
            entry["status"] = "applied"
