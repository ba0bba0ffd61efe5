"""What the candidate rules of a purchase read, so that the caller fetches all of it at once and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from programs.rules import dates
from programs.rules.candidates import Candidates
from programs.rules.compile import RuleSet
from programs.rules.context import Context, Event, MemberView, Purchase
from programs.rules.history import HistorySpec
from programs.rules.limits import Limit
from programs.rules.rule import Rule
from programs.rules.state import State

LINE_MEASURES = ("amount", "units", "distinct")


@dataclass(frozen=True, slots=True)
class LimitNeed:
    """A counter to read. ``period_start`` is None for a lifetime; ``period_key`` and ``scope_value`` as in LimitUse."""

    limit: str
    counter: str
    rule: str
    scope: str
    scope_value: str | None
    period: str
    period_key: str
    period_start: datetime | None
    measure: str
    point_type: str | None
    maximum: int
    overflow: str


class SumNeed(NamedTuple):
    """A spec that can be told from sums, and the earliest local date that it reads; None for all time."""

    spec: HistorySpec
    first: date | None


@dataclass(frozen=True, slots=True)
class Needs:
    """What an evaluation will read.

    :param history_from: earliest local date (program time) of purchases needed; None with ``all_history`` means all of
        them, None without it means none.
    :param lines: purchases are needed with their lines.
    :param sums: of what it is enough to know what purchases come to; empty where the caller asked for purchases.
    :param last_purchase: at least the latest earlier purchase is needed.
    :param purchase_count: ``Context.purchases_before`` is needed.
    :param events: types of events needed; ``events_from`` like ``history_from``, None for all time.
    :param candidates: the candidate rules themselves, for evaluating the same purchase of the same member.
    """

    history_from: date | None = None
    all_history: bool = False
    lines: bool = False
    points: frozenset[str] = frozenset()
    sums: tuple[SumNeed, ...] = ()
    last_purchase: bool = False
    purchase_count: bool = False
    events: frozenset[str] = frozenset()
    events_from: date | None = None
    limits: tuple[LimitNeed, ...] = ()
    candidates: Candidates | None = field(default=None, compare=False, repr=False)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the candidate rules."""
        return tuple(rule.id for rule in self.candidates or ())

    @property
    def attributes(self) -> frozenset[str]:
        """The paths that the candidate rules read, and ``segment:<code>``."""
        return frozenset().union(*(rule.reads.attributes for rule in self.candidates or ()))

    @property
    def is_empty(self) -> bool:
        """Nothing beyond the purchase and the member view has to be fetched."""
        return not (self.has_history or self.sums or self.purchase_count or self.events or self.limits)

    @property
    def has_history(self) -> bool:
        return self.all_history or self.history_from is not None or self.last_purchase


def needs(
    ruleset: RuleSet,
    purchase: Purchase | Event,
    member: MemberView,
    *,
    trigger: str = "purchase",
    only_rules: frozenset[str] | None = None,
    takes_sums: bool = False,
) -> Needs:
    """What the candidate rules read of history, limits and attributes.

    :param takes_sums: the caller finds out what purchases come to, so that the purchases themselves are not needed for it.
    """
    is_purchase = isinstance(purchase, Purchase)
    context = Context(
        member=member,
        purchase=purchase if isinstance(purchase, Purchase) else None,
        event=None if is_purchase else purchase,  # type: ignore[arg-type]
        trigger=trigger,
        only_rules=only_rules,
    )
    return needs_of(ruleset, context, takes_sums=takes_sums)


def candidate_rules(ruleset: RuleSet, state: State) -> list[Rule]:
    """The rules that an evaluation of the context can apply."""
    found = _candidates(ruleset, state)
    return [] if found is None else list(found)


def _candidates(ruleset: RuleSet, state: State) -> Candidates | None:
    rules = ruleset.triggers.get(state.context.trigger)
    return None if rules is None else rules.candidates(state, state.context.only_rules)


def needs_of(ruleset: RuleSet, context: Context, *, takes_sums: bool = False) -> Needs:
    """Like ``needs``, for a context without history yet."""
    state = State(context, ruleset.settings, ruleset.filters)
    candidates = _candidates(ruleset, state)
    rules = [] if candidates is None else candidates.that_ask
    starts: list[date] = []
    event_starts: list[date | None] = []
    events: set[str] = set()
    points: set[str] = set()
    sums: dict[str, SumNeed] = {}
    all_history = lines = last_purchase = False
    for rule in rules:
        for spec in rule.reads.history.values() if rule.reads.history else ():
            if spec.key in context.history_values:
                continue
            first = spec.first_date(state.today, rule.reads.streak_limits.get(spec.key))
            if spec.measure == "events":
                events.add(spec.event or "")
                event_starts.append(first)
                continue
            if takes_sums and spec.is_summed:
                known = sums.get(spec.key)
                sums[spec.key] = SumNeed(spec, first if known is None else _earlier(known.first, first))
                continue
            is_filtered = spec.where is not None or spec.txn_where is not None
            if spec.measure == "days_since_last" and not spec.window and not is_filtered:
                last_purchase = True
                continue
            lines |= spec.measure in LINE_MEASURES or spec.where is not None
            if spec.measure == "points":
                points.add(spec.point_type)
            if first is None:
                all_history = True
            else:
                starts.append(first)
    return Needs(
        history_from=None if all_history else min(starts, default=None),
        all_history=all_history,
        lines=lines,
        points=frozenset(points),
        sums=tuple(sums.values()),
        last_purchase=last_purchase,
        purchase_count=any(rule.reads.purchase_count for rule in rules),
        events=frozenset(events),
        events_from=_earliest(event_starts),
        limits=_limit_needs(state, (limit for rule in rules for limit in rule.limits)),
        candidates=candidates,
    )


def _earlier(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else min(one, other)


def _earliest(starts: list[date | None]) -> date | None:
    known = [start for start in starts if start is not None]
    return min(known) if known and len(known) == len(starts) else None


def _limit_needs(state: State, limits: Iterable[Limit]) -> tuple[LimitNeed, ...]:
    found: dict[str, LimitNeed] = {}
    for limit in limits:
        if limit.scope != "transaction" and limit.counter not in found:
            found[limit.counter] = _limit_need(state, limit)
    return tuple(found[counter] for counter in sorted(found))


def _limit_need(state: State, limit: Limit) -> LimitNeed:
    start: datetime | None = None
    if limit.rolling_days is not None:
        start = dates.start_of(state.today - timedelta(days=limit.rolling_days - 1), state.program_zone)
    elif limit.period != "lifetime":
        start = dates.start_of(dates.start_of_period(limit.period, state.today), state.program_zone)
    return LimitNeed(
        limit=limit.name,
        counter=limit.counter,
        rule=limit.rule,
        scope=limit.scope,
        scope_value=limit.scope_value(state),
        period=limit.period,
        period_key=limit.period_key(state),
        period_start=start,
        measure=limit.measure,
        point_type=limit.point_type,
        maximum=limit.maximum,
        overflow="partial" if limit.partial else "all_or_nothing",
    )
