"""The evaluation: a rule set and a context in, an outcome out. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from programs.rules import explain
from programs.rules.candidates import Candidates, Tell
from programs.rules.compile import RuleSet
from programs.rules.context import Context, ProgramSettings
from programs.rules.decision import decide
from programs.rules.grants import Collector
from programs.rules.holdout import is_held_out
from programs.rules.limits import Taken, apply_limits
from programs.rules.money import Number
from programs.rules.outcome import Grant, LimitUse, LineResult, Outcome
from programs.rules.proposal import BaseBook, DiscountDraft, OtherDraft, Proposal, Wish
from programs.rules.rule import Rule
from programs.rules.stacking import stack, stack_groups, winners
from programs.rules.state import State
from programs.rules.trace import Trace
from programs.rules.without import without


def evaluate(
    ruleset: RuleSet,
    context: Context,
    *,
    trace: bool = True,
    tell: Tell = explain.not_applied,
    candidates: Candidates | None = None,
) -> Outcome:
    """Judge one purchase or event.

    :param trace: give every rule of the trigger its reason and an explanation; without it only candidates get one.
    :param tell: makes the entries of rules that do not hold; whoever keeps the explanation makes them as they are kept.
    :param candidates: those that ``needs`` found for the same rules, purchase and member, so that nobody looks again.
    """
    state = State(context, ruleset.settings, ruleset.filters)
    notes = Trace(ruleset, state, trace, tell)
    return _Evaluation(ruleset, context, ruleset.settings, ruleset.point_values, state, state, notes).run(candidates)


def _order(one: Wish) -> tuple[int, str]:
    return one.owner.order


def _in_turn(kept: Sequence[Wish]) -> Sequence[Wish]:
    """In the order in which they are granted where no rule is exclusive or compound: it must not depend on others."""
    free = [one for one in kept if one.owner.judge is not None and not one.owner.competes]
    rivals = [one for one in kept if one.owner.competes]
    return [*free, *rivals, *(one for one in kept if one.owner.judge is None and not one.owner.competes)]


class _Evaluation(msgspec.Struct, eq=False):
    """One run: discounts first (C23), then base points, bonuses, and compound bonuses (C05)."""

    ruleset: RuleSet
    context: Context
    settings: ProgramSettings
    values: Mapping[str, Number]
    start: State
    state: State
    trace: Trace
    taken: Taken = msgspec.field(default_factory=Taken)
    book: BaseBook = msgspec.field(default_factory=BaseBook)
    collector: Collector = msgspec.field(default_factory=Collector)

    def run(self, candidates: Candidates | None = None) -> Outcome:
        rules = self.ruleset.triggers.get(self.context.trigger)
        if rules is not None:
            found = candidates or rules.candidates(self.state, self.context.only_rules)
            self.trace.candidates = found
            mixed = self._discount_pass(found.priced) if found.priced else []
            if mixed:
                self._points_of_priced([rule for rule in mixed if rule.is_base])
            self._base_pass(found.base)
            self._bonus_pass(found)
            if mixed:
                self._points_of_priced([rule for rule in mixed if not rule.is_base])
        granted = self.collector
        return Outcome(
            self,
            tuple(granted.grants),
            tuple(granted.discounts),
            tuple(granted.effects),
            dict(granted.points),
        )

    def looked_at(self) -> Iterable[Rule]:
        return self.trace.candidates or ()

    def applied(self) -> tuple[str, ...]:
        return self.collector.all_applied()

    def lines(self) -> tuple[LineResult, ...]:
        return self.collector.lines(self.start)

    def limit_uses(self) -> tuple[LimitUse, ...]:
        return self.collector.limit_uses(self.start)

    def not_applied(self) -> Mapping[str, str]:
        return self.trace.reasons()

    def explanation(self) -> tuple[Mapping[str, Any], ...]:
        return self.trace.entries(self.collector.grants, self.state)

    def without(self, rule: Rule) -> Outcome | None:
        found = self.trace.candidates
        if found is None or not rule.only_adds or found.bits & (found.rules.compound | found.rules.exclusive):
            return None
        return without(self, self.collector, self.start, rule)

    def _otherwise(self, rule: Rule) -> None:
        """What a rule says of itself when its ``when`` is not true."""
        found = decide(rule, self.state)
        if found is not None and found.part is not None and found.part is rule.when:
            self.collector.else_effects(rule, explain.failing_leaf(found, self.state))

    def _propose(self, rule: Rule, book: BaseBook, *, prices: bool = True, points: bool = True) -> Proposal:
        """What the rule wants, after its own limits."""
        state = self.state
        drafts: list[Grant] = []
        discounts: list[DiscountDraft] = []
        others: list[OtherDraft] = []
        for effect in rule.effects:
            if effect.condition is not None and effect.condition(state, None) is not True:
                continue
            if effect.draft is not None:
                draft = effect.draft(state, book) if points else None
                if draft is not None:
                    drafts.append(draft)
            elif not prices:
                continue
            elif effect.pricing is not None:
                reduction = effect.pricing(state)
                if reduction is not None and reduction.amount > 0:
                    amount = reduction.amount
                    discounts.append(DiscountDraft(effect.index, amount, amount, reduction.parts, reduction.facts))
            else:
                facts = {} if effect.facts is None else effect.facts(state)
                if facts is not None:
                    others.append(OtherDraft(effect.index, effect.kind, facts))
        proposal = Proposal(rule, drafts)
        proposal.discounts, proposal.others = discounts, others
        if rule.limits:
            apply_limits(rule.limits, proposal, self.context.used_limits, self.taken, self.values)
        return proposal

    def _pending(self, rules: Sequence[Rule], book: BaseBook, *, points: bool = True) -> list[Wish]:
        """Proposals of rules that hold; who is held out or has nothing to grant is noted and left out."""
        state, trace, used = self.state, self.trace, self.context.used_limits
        failed = trace.failures.append
        pending: list[Wish] = []
        for rule in rules:
            for test in rule.tests:
                if test(state, None) is not True:
                    failed((rule, state))
                    if rule.else_effects:
                        self._otherwise(rule)
                    break
            else:
                if rule.simple is not None:
                    draft = rule.simple(state, book)
                    if draft is None:
                        trace.noted(rule, Proposal(rule, ()), state, "nothing")
                        continue
                    if not rule.limits:
                        pending.append(draft)
                        continue
                    proposal = Proposal(rule, (draft,))
                    apply_limits(rule.limits, proposal, used, self.taken, self.values)
                else:
                    proposal = self._propose(rule, book, points=points)
                if rule.holdout is not None and is_held_out(rule.holdout, self.context.member):
                    trace.held_out(rule, proposal, state)
                elif proposal.blocked_by is not None:
                    trace.blocked(rule, proposal, state)
                elif proposal.grants_something() or proposal.others or (rule.has_price and rule.has_points):
                    pending.append(proposal)
                else:
                    trace.noted(rule, proposal, state, "nothing")
        return pending

    def _stacked(self, pending: Sequence[Wish]) -> list[Wish]:
        """The bonus rules that stay by exclusivity and groups (C10)."""
        kept, dropped = stack(pending, self.settings, self.values)
        if dropped:
            self.trace.dropped(dropped, self.state)
        return kept

    def _settle(self, one: Wish, book: BaseBook, *, prices: bool = True, points: bool = True) -> bool:
        """Grant what is proposed; a limit that rules share may leave nothing now, where there was something."""
        rule, state = one.owner, self.state
        if rule.has_shared_limits:
            one = self._propose(rule, book, prices=prices, points=points)
            if one.blocked_by is not None:
                self.trace.blocked(rule, one, state)
                return False
        collector = self.collector
        collector.grant(one, state)
        if rule.is_base or rule.is_compound:
            for draft in one.points:
                book.add(draft)
        if isinstance(one, Proposal):
            if rule.limits:
                collector.take(one, self.taken, self.values)
            self.trace.noted(rule, one, state, "applied" if rule.id in collector.applied else "nothing")
        return True

    def _discount_pass(self, rules: Sequence[Rule]) -> list[Rule]:
        """Grant discounts; the rules that stay and give points as well come back for their points."""
        pending = self._pending(rules, self.book, points=False)
        # Base rules are never dropped.
        kept = [one for one in pending if one.owner.is_base]
        kept += self._stacked([one for one in pending if not one.owner.is_base])
        granted = [one.owner for one in kept if self._settle(one, self.book, points=False)]
        if self.settings.earn_on == "after_loyalty_discounts" and self.collector.discounted:
            self.state = self.state.lowered(self.collector.discounted)
        return [rule for rule in granted if rule.has_points]

    def _base_pass(self, rules: Sequence[Rule]) -> None:
        state, book, collector = self.state, self.book, self.collector
        for rule in rules:
            if rule.judge is not None:
                grant = rule.judge(state, book)
                if grant is None:
                    self.trace.without_gift.append((rule, state))
                else:
                    collector.points[grant.effect.point_type] += grant.amount
                    collector.grants.append(grant)
                    book.add(grant)
            else:
                for one in self._pending((rule,), book):
                    self._settle(one, book)

    def _bonus_pass(self, found: Candidates) -> None:
        """Bonus rules see base points, never each other; compound rules see what was granted before them."""
        state, book, rules = self.state, self.book, found.bonus
        free = [grant for judge in found.free if (grant := judge(state, book)) is not None]
        rivals = [grant for judge in found.rivals if (grant := judge(state, book)) is not None]
        self.trace.judged(state, free, rivals)
        rules_of, bits = found.rules, found.bits
        if bits & rules_of.compound:
            pending = [*rivals, *free, *self._pending([rule for rule in rules if not rule.is_compound], book)]
            self._settle_compounds(self._with_compounds(pending, [rule for rule in rules if rule.is_compound]))
            return
        others = self._pending(rules, book) if rules else []
        if bits & rules_of.exclusive:
            self._settle_all(_in_turn(self._stacked(sorted([*rivals, *free, *others], key=_order))))
            return
        if others and any(one.owner.competes for one in others):
            competing = sorted([*rivals, *(one for one in others if one.owner.competes)], key=_order)
            self.collector.take_over(free, rules_of.only_type)
            self._settle_all(self._stacked(competing))
            self._settle_all([one for one in others if not one.owner.competes])
            return
        if rivals:
            kept = winners(rivals) if rules_of.one_stays else stack_groups(rivals, self.settings, self.values)[0]
            if len(kept) < len(rivals):
                self.trace.outdone(rivals, state)
            free += kept
        self.collector.take_over(free, rules_of.only_type)
        if others:
            self._settle_all(others)

    def _settle_compounds(self, pending: Sequence[Wish]) -> None:
        kept = self._stacked(pending)
        self._settle_all(_in_turn([one for one in kept if not one.owner.is_compound]))
        late = [one.owner for one in kept if one.owner.is_compound]
        if late:
            book = self.collector.granted_book()
            for rule in late:
                self._settle(self._propose(rule, book), book)

    def _settle_all(self, kept: Sequence[Wish]) -> None:
        """Grant bonuses. Plain ones, which most are, cannot be cut any more and nothing is built on them."""
        collector = self.collector
        points, grants = collector.points, collector.grants
        for one in kept:
            if isinstance(one, Grant):
                points[one.effect.point_type] += one.amount
                grants.append(one)
            else:
                self._settle(one, self.book)

    def _with_compounds(self, pending: list[Wish], compounds: Sequence[Rule]) -> list[Wish]:
        """Stack compound rules by what they would give on base plus the bonuses that stay without them.

        Bonuses of its own group are no rivals' gift: a rule is weighed on what the other groups leave.
        """
        kept, _ = stack(pending, self.settings, self.values)
        found: list[Wish] = []
        for rule in compounds:
            book = self.book.copy()
            for one in kept:
                if not rule.exclusive and (rule.group is None or one.owner.group != rule.group):
                    for draft in one.points:
                        book.add(draft, is_spread=False)
            found.extend(self._pending([rule], book))
        return sorted([*pending, *found], key=_order)

    def _points_of_priced(self, rules: Sequence[Rule]) -> None:
        """Points of rules that won in the pass of discounts; they are not stacked a second time."""
        for rule in rules:
            one = self._propose(rule, self.book, prices=False)
            if one.blocked_by is None and one.points:
                self.collector.grant(one, self.state)
                self.collector.take(one, self.taken, self.values, is_second=True)
                if rule.is_base:
                    for draft in one.points:
                        self.book.add(draft)
                self.trace.second(rule, one, self.state)
