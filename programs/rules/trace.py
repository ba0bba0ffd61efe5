"""What happened to each rule, kept as short notes; reasons and explanations are worked out when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from programs.rules import explain
from programs.rules.candidates import Candidates, Tell, TriggerRules
from programs.rules.compile import RuleSet
from programs.rules.decision import OUTSIDE_SCHEDULE, Shortfall, decide
from programs.rules.outcome import Grant
from programs.rules.proposal import Proposal, Wish
from programs.rules.rule import Rule
from programs.rules.stacking import Dropped, stack_groups
from programs.rules.state import State

HELD_OUT, BLOCKED, DROPPED, NOTED, SECOND = range(5)
# What happened, the rule, the state it was judged in, its reason or status, its proposal.
Note: TypeAlias = tuple[int, Rule, State, str, Wish]


_NO_RULES = TriggerRules((), {})


class Trace(msgspec.Struct, eq=False):
    """The notes of one evaluation in their order; a later note on a rule replaces an earlier one.

    ``failures`` are the rules whose schedule or conditions do not hold, with the state they were judged in;
    ``without_gift`` those of which only their judge knows whether they hold.

    :param is_full: rules that the index left out are explained as well.
    :param tell: how rules that do not hold are told of.
    """

    ruleset: RuleSet
    start: State
    is_full: bool
    tell: Tell = explain.not_applied
    failures: list[tuple[Rule, State]] = []
    without_gift: list[tuple[Rule, State]] = []
    candidates: Candidates | None = None
    _notes: list[Note] = []
    _losses: list[tuple[Dropped, State]] = []
    _rivals: tuple[Sequence[Grant], State] | None = None
    _idle: Sequence[Note] = ()
    _shortfalls: list[tuple[Rule, State, Shortfall]] | None = None
    _missed_bits: tuple[TriggerRules, int, int] | None = None
    _granted: tuple[State, Sequence[Sequence[Wish]]] | None = None

    def judged(self, state: State, *granted: Sequence[Wish]) -> None:
        """The candidates with a judge were judged; all that are not among ``granted`` fail or have nothing to grant."""
        self._granted = (state, granted)

    def held_out(self, rule: Rule, proposal: Wish, state: State) -> None:
        self._notes.append((HELD_OUT, rule, state, "holdout", proposal))

    def blocked(self, rule: Rule, proposal: Wish, state: State) -> None:
        self._notes.append((BLOCKED, rule, state, f"limit:{proposal.blocked_by}", proposal))

    def dropped(self, dropped: Dropped, state: State) -> None:
        """Other rules won."""
        self._losses.append((dropped, state))

    def outdone(self, rivals: Sequence[Grant], state: State) -> None:
        """Of plain bonuses in groups only some stay."""
        self._rivals = (rivals, state)

    def noted(self, rule: Rule, proposal: Wish, state: State, status: str) -> None:
        """``applied``, or ``nothing`` to grant."""
        self._notes.append((NOTED, rule, state, status, proposal))

    def second(self, rule: Rule, proposal: Wish, state: State) -> None:
        """The points of a rule that gave a discount before."""
        self._notes.append((SECOND, rule, state, "applied", proposal))

    def reasons(self) -> dict[str, str]:
        """Rule to reason code (C22)."""
        trigger, bare, _ = self._left_out()
        reasons = trigger.bare_reasons(bare)
        reasons |= {rule.id: shortfall.reason for rule, _, shortfall in self._found()}
        reasons.update((note[1].id, note[3]) for note in self._notes if HELD_OUT <= note[0] <= BLOCKED)
        reasons.update((rule.id, reason) for _, rule, _, reason, _ in self._losers())
        return {rule: reasons[rule] for rule in sorted(reasons)}

    def entries(self, grants: Sequence[Grant], state: State) -> tuple[Mapping[str, Any], ...]:
        """One entry for each rule that was looked at, in the order of the rules.

        :param grants: a plain grant is its own note; ``state`` is what it was made from.
        """
        if not self.is_full:
            return ()
        tell = self.tell
        trigger, bare, _ = self._left_out()
        entries = trigger.bare_entries(bare, self.start, tell)
        entries |= {rule.id: tell(rule, found, before) for rule, before, found in self._found()}
        plain: list[Note] = [(NOTED, one.owner, state, "applied", one) for one in grants if one.owner.is_plain]
        for kind, rule, before, reason, proposal in [*self._notes, *self._losers(), *self._idle, *plain]:
            proposed = explain.proposed(proposal, before, self.ruleset.settings)
            if kind == SECOND:
                entry = entries[rule.id]
                entry["effects"] += proposed["effects"]
                entry["limits"] += proposed["limits"]
                entry["status"] = reason
                continue
            entry = {"rule": rule.id, "phase": rule.phase}
            if kind == NOTED:
                entry |= {"status": reason, **proposed}
            else:
                entry |= {"status": "not_applied", "reason": reason}
                entry |= proposed if kind == BLOCKED else {"would_have": proposed}
            entries[rule.id] = entry
        return tuple([entries[rule.id] for rule in self.ruleset.rules if rule.id in entries])

    def _losers(self) -> Iterator[Note]:
        losses = self._losses
        if self._rivals is not None:
            rivals, before = self._rivals
            ruleset = self.ruleset
            losses = [*losses, (stack_groups(rivals, ruleset.settings, ruleset.point_values)[1], before)]
        for dropped, state in losses:
            for several, reason in dropped:
                yield from ((DROPPED, one.owner, state, reason, one) for one in several)

    def _found(self) -> list[tuple[Rule, State, Shortfall]]:
        """Why rules do not hold: those that the index left out, but for the bare ones, then candidates."""
        if self._shortfalls is None:
            self._shortfalls = [*self._missed(), *self._failed()]
        return self._shortfalls

    def _left_out(self) -> tuple[TriggerRules, int, int]:
        """The rules, and by bits those that the index left out: the bare ones, and the others."""
        if self._missed_bits is None:
            trigger, context = self.ruleset.triggers.get(self.start.context.trigger), self.start.context
            if trigger is None or not self.is_full:
                self._missed_bits = trigger or _NO_RULES, 0, 0
                return self._missed_bits
            bits = trigger.index.everything if context.only_rules is None else trigger.named(context.only_rules)
            if self.candidates is not None:
                bits &= ~self.candidates.bits
            bare = trigger.bare(self.start, bits)
            self._missed_bits = trigger, bare, bits & ~bare
        return self._missed_bits

    def _missed(self) -> Iterator[tuple[Rule, State, Shortfall]]:
        trigger, _, bits = self._left_out()
        start = self.start
        outside = trigger.outside(start, bits)
        yield from ((rule, start, OUTSIDE_SCHEDULE) for rule in trigger.chosen(outside))
        for rule in trigger.chosen(bits & ~outside):
            shortfall = decide(rule, start, is_missed=True)
            assert shortfall is not None, f"the index left out {rule.id}, which holds"
            yield rule, start, shortfall

    def _failed(self) -> Iterator[tuple[Rule, State, Shortfall]]:
        for rule, state in self.failures:
            shortfall = decide(rule, state)
            assert shortfall is not None, f"{rule.id} failed, and holds"
            yield rule, state, shortfall
        idle: list[Note] = []
        for rule, state in [*self.without_gift, *self._bonuses_without_gift()]:
            shortfall = decide(rule, state)
            if shortfall is None:
                idle.append((NOTED, rule, state, "nothing", Proposal(rule, ())))
            else:
                yield rule, state, shortfall
        self._idle = idle

    def _bonuses_without_gift(self) -> Iterator[tuple[Rule, State]]:
        """The bonus rules with a judge that gave nothing."""
        if self._granted is not None and self.candidates is not None:
            state, granted = self._granted
            giving = {one.owner.id for several in granted for one in several}
            yield from ((rule, state) for rule in self.candidates.judged if rule.id not in giving)
