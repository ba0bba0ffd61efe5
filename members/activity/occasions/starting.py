"""Judging occasions and carrying out what they grant.

An occasion is judged once, within the transaction of what caused it and after that was written. It sees everything up to its
instant; what it grants starts no further occasion.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from loyalty.kernel import bulk, ids, registries, scope
from members.activity import decision, effects, history, periods, state
from members.activity.around import around_of
from members.activity.decision import Surroundings, TierChange
from members.activity.models import Evaluation
from members.activity.operations import counters
from members.activity.operations.tiers import begin_tiers
from members.activity.state import MemberState
from members.activity.used import used_of
from members.ledger import operations as ledger
from members.ledger.models import EntryKind
from members.ledger.plans import EntryPlan
from members.profiles.models import AccountMember
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.rules import Context, EffectGrant, Event, MemberView, Needs, evaluate, freeze, needs
from programs.rules.dates import local
from programs.setup.models import Program

CAUSE = "occasion"
MOST_ROUNDS = 8
# What follows from a purchase happens just after it: so the purchase counts, and its own tier holds.
JUST_AFTER = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One occasion of one member.

    :param key: names it for ever; the same key again starts nothing.
    :param trigger: what rules name as their trigger: ``event:<kind>``, ``enrolment``, ``return``, ``tier_changed`` ...
    :param only_rules: the codes of the rules that it starts, where not all of the trigger.
    """

    key: str
    trigger: str
    member_id: int
    at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)
    only_rules: frozenset[str] | None = None

    @property
    def kind(self) -> str:
        """The trigger without its details."""
        return self.trigger.partition(":")[0]


@dataclass(slots=True)
class Decided:
    """One judged occasion, ready to be written; ``id`` is its evaluation's."""

    id: int
    occasion: Occasion
    member_id: int
    account_id: int
    at: datetime
    day: date
    entry: EntryPlan
    effects: tuple[EffectGrant, ...]
    outcome: dict[str, Any]
    context: dict[str, Any]
    counters: dict[periods.CounterKey, int] = field(default_factory=dict)
    slacks: dict[periods.CounterKey, int | None] = field(default_factory=dict)
    tier_changes: list[TierChange] = field(default_factory=list)

    @property
    def cause_kind(self) -> str:
        """What effects are told about it."""
        return CAUSE


def start(occasions: Sequence[Occasion]) -> int:
    """Judge occasions of the program in scope and carry out what they grant; how many granted something.

    Within the caller's transaction; wallets are locked first, limits last. Where no rule waits for such an occasion
    nothing is read at all.
    """
    if not occasions:
        return 0
    frozen = snapshots.present()
    waited_for = [one for one in occasions if _is_waited_for(one, frozen)]
    if not waited_for:
        return 0
    members = {one.member_id for one in waited_for}
    ledger.lock_wallets(wallet.id for wallet in ledger.wallets_of(_accounts(members)).values())
    known = set(
        Evaluation.objects.filter(occasion__any=[one.key for one in waited_for]).values_list("occasion", flat=True)
    )
    fresh = [one for one in waited_for if one.key not in known]
    return _judge_and_write(fresh, frozen) if fresh else 0


def _judge_and_write(fresh: Sequence[Occasion], frozen: FrozenProgram) -> int:
    """A limit that somebody else takes from meanwhile has everything judged again, from a savepoint."""
    for round_number in range(1, MOST_ROUNDS + 1):
        seen: dict[periods.CounterKey, int] = {}
        try:
            with transaction.atomic():
                decided = _judge(fresh, frozen, seen)
                _write(decided, frozen, seen)
        except counters.CounterMoved as moved:
            if round_number == MOST_ROUNDS:
                raise
            if round_number > 1:
                counters.hold(moved.keys)
            continue
        return sum(1 for one in decided if one.outcome["grants"] or one.effects)
    raise AssertionError("every round returns or raises")


def _is_waited_for(one: Occasion, frozen: FrozenProgram) -> bool:
    waiting = frozen.at(one.at)[0].triggers.get(one.trigger)
    return waiting is not None and (one.only_rules is None or any(rule.id in one.only_rules for rule in waiting.rules))


def _accounts(members: Iterable[int]) -> list[int]:
    rows = AccountMember.objects.filter(member_id__any=members, is_primary=True)
    return list(rows.values_list("account_id", flat=True))


def _judge(fresh: Sequence[Occasion], frozen: FrozenProgram, seen: dict[periods.CounterKey, int]) -> list[Decided]:
    """Judge in the order of time; ``seen`` is filled with what each limit had before."""
    ordered = sorted(fresh, key=lambda one: (one.at, one.key))
    states = state.load({one.member_id for one in ordered}, frozen, earliest=ordered[0].at)
    ordered = [one for one in ordered if one.member_id in states and states[one.member_id].is_active]
    for member_id, spans in registries.segments_of(states).items():
        states[member_id].segments = spans
    wants = [_needs(one, states[one.member_id].view(frozen, one.at), frozen) for one in ordered]
    history.load(states, [history.Asking(one.member_id, one.at) for one in ordered], wants, frozen)
    events = history.events_of(states, {kind for want in wants for kind in want.events})
    used = used_of(
        {
            key
            for one, want in zip(ordered, wants, strict=True)
            for key in _counter_keys(want, states[one.member_id], _day(one, frozen))
        }
    )
    seen.update(used)
    around = around_of(frozen, Program.objects.get(), _day(ordered[0], frozen), used) if ordered else None
    found = []
    for one, want, key in zip(ordered, wants, ids.take(len(ordered)), strict=True):
        assert around is not None, "there are surroundings where there is an occasion"
        found.append(_judge_one(one, want, key, states[one.member_id], events, around))
    return [one for one in found if one is not None]


def _needs(one: Occasion, view: MemberView, frozen: FrozenProgram) -> Needs:
    ruleset, _rules = frozen.at(one.at)
    return needs(ruleset, _event(one), view, trigger=one.trigger, only_rules=one.only_rules, takes_sums=True)


def _event(one: Occasion) -> Event:
    return Event(at=one.at, type=one.trigger.removeprefix("event:"), attributes=one.attributes)


def _day(one: Occasion, frozen: FrozenProgram) -> date:
    return local(one.at, frozen.zone).date()


def _counter_keys(want: Needs, member: MemberState, day: date) -> list[periods.CounterKey]:
    return [
        key
        for need in want.limits
        for key in periods.read_counters(need, day, member_id=member.member_id, account_id=member.account_id)
    ]


def _judge_one(
    one: Occasion,
    want: Needs,
    key: int,
    member: MemberState,
    events: Mapping[int, Sequence[Any]],
    around: Surroundings,
) -> Decided | None:
    """The decision; None for one of the calendar or of a measure that grants nothing, which nobody asks about."""
    frozen = around.frozen
    ruleset, rules = frozen.at(one.at)
    day = _day(one, frozen)
    context = Context(
        member=member.view(frozen, one.at),
        event=_event(one),
        trigger=one.trigger,
        history=history.before(member, one.at) if want.has_history or want.sums else (),
        events=events.get(member.member_id, ()),
        used_limits=decision.used_limits(want.limits, day, member, around.used),
        purchases_before=history.count_before(member, one.at) if want.purchase_count else None,
        history_values=history.values(member, history.Asking(one.member_id, one.at), want, ruleset),
        only_rules=one.only_rules,
    )
    outcome = evaluate(ruleset, context)
    if one.kind in {"schedule", "metric_crossed"} and not outcome.applied:
        return None
    entry = EntryPlan(
        account_id=member.account_id, kind=EntryKind.EARN, cause_kind=CAUSE, cause_id=key,
        request_key=f"{CAUSE}:{key}", occurred_at=one.at, effective_at=one.at,
    )  # fmt: skip
    decision.plan_points(entry, outcome, member, around, rules, None)
    decided = Decided(
        id=key, occasion=one, member_id=member.member_id, account_id=member.account_id, at=one.at, day=day,
        entry=entry, effects=outcome.effects, outcome={}, context=freeze(ruleset, context),
    )  # fmt: skip
    decision.use_limits(decided, outcome, member, around)
    decided.outcome = decision.outcome_document(outcome, decided.counters, rules)
    for scheme in frozen.schemes:
        gained = outcome.points.get(scheme.point_type or "", 0) if scheme.measure == "points" else 0
        decision.raise_tier(decided, scheme, gained, member, frozen)
    return decided


def _write(decided: Sequence[Decided], frozen: FrozenProgram, seen: Mapping[periods.CounterKey, int]) -> None:
    if not decided:
        return
    ledger.post([one.entry for one in decided if not one.entry.is_empty])
    begin_tiers(decided)
    effects.carry_out(decided)
    program = scope.program_id()
    bulk.insert(
        Evaluation,
        ["id", "program", "member", "occasion", "kind", "snapshot_number", "outcome", "context"],
        [
            (
                one.id, program, one.member_id, one.occasion.key, one.occasion.kind, frozen.number, one.outcome, one.context,
            )
            for one in decided
        ],
    )  # fmt: skip
    counters.take_limits({one.id: one.counters for one in decided if one.counters}, seen, decision.slacks_of(decided))
