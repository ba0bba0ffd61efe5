"""Recorded purchases judged again, each by the live rules and by those with the draft. Reads and writes nothing.

The definition is sequential: purchases of everybody in the order of time, each seeing what those before it left of the
limits, which all start unused. Members who share no account only meet at budgets that everybody shares, so accounts are
judged apart from each other first, as if those budgets were full, and :mod:`members.whatif.budgets` goes once through
the purchases that took from them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from members.activity import periods, replay
from members.activity.periods import CounterKey
from members.activity.replay import Depth, Past, Recorded
from members.whatif import tally
from members.whatif.rulesets import Contest
from members.whatif.tally import Part, Tally
from programs.rules import LimitUse, Outcome, RuleSet, dates, evaluate
from programs.rules.limits import Limit
from programs.rules.money import Number

LIVE, DRAFTED = 0, 1
SHARED = frozenset({"store", "partner", "promotion", "campaign", "program"})
Uses: TypeAlias = tuple[tuple[CounterKey, int], ...]


class Draw(NamedTuple):
    """What a purchase takes from one shared budget.

    :param read: the counters that add up to what is used of it; ``key`` is the one that it is written to.
    :param wanted: what it wanted at most before limits cut it: with less left than that it is judged otherwise.
    """

    key: CounterKey
    read: tuple[CounterKey, ...]
    amount: int
    wanted: int
    most: int


Common: TypeAlias = tuple[Draw, ...]
Counters: TypeAlias = dict[CounterKey, int]
NOTHING: Mapping[CounterKey, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Setting:
    """What every part of a replay needs: the rules, how far they look back, who pays at their own stores.

    :param is_estimate: note who beats the draft, and lines that earn much. Whether it would have won or found its budget
        empty is known only as if budgets were full, so a whole simulation does without.
    """

    contest: Contest
    depth: Depth
    since: datetime
    until: datetime
    payers: frozenset[int]
    is_estimate: bool = False

    def parts_of(self, outcome: Outcome, one: Recorded) -> list[Part]:
        """What a purchase gave, as parts of a tally."""
        contest = self.contest
        return tally.parts_of(outcome, one, contest.code, self.payers, is_estimate=self.is_estimate)

    def ruleset(self, side: int) -> RuleSet:
        """The rules of a side."""
        return self.contest.drafted if side == DRAFTED else self.contest.live


@dataclass(frozen=True, slots=True)
class Claim:
    """A purchase that takes from shared budgets, judged as if they were full.

    :param before: what the account's own limits had used before it.
    :param own: what it takes from the account's own limits.
    :param shared: what it takes from shared budgets.
    :param may_gain: a rule gave nothing because all it wanted did not fit: cut by a shared budget before, it may fit.
    """

    side: int
    at: datetime
    id: int
    account_id: int
    before: Mapping[CounterKey, int]
    own: Uses
    shared: Common
    parts: tuple[Part, ...]
    may_gain: bool = False

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands in the order of time."""
        return self.at, self.id


@dataclass(slots=True)
class Result:
    """The tallies of both sides, and what took from shared budgets."""

    live: Tally = field(default_factory=dict)
    drafted: Tally = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    purchases: int = 0

    def side(self, side: int) -> Tally:
        """The tally of a side."""
        return self.drafted if side == DRAFTED else self.live

    def merge(self, other: "Result") -> None:
        """Add the result of other accounts."""
        tally.add(self.live, other.live.items())
        tally.add(self.drafted, other.drafted.items())
        self.claims += other.claims
        self.purchases += other.purchases


class Caps:
    """The limits of a rule set, read from counters for one purchase."""

    def __init__(self, ruleset: RuleSet) -> None:
        found = {
            limit.counter: limit for rule in ruleset.rules for limit in rule.limits if limit.scope != "transaction"
        }
        self.limits = list(found.values())
        self.mixed = [rule.id for rule in ruleset.rules if _is_mixed(rule.limits)]

    def may_gain(self, outcome: Outcome) -> bool:
        """Whether a rule that gave nothing might have given something with less left of a shared budget."""
        return any(outcome.not_applied.get(rule, "").startswith("limit:") for rule in self.mixed)

    def used(
        self, counters: Mapping[CounterKey, int], shared: Mapping[CounterKey, int], one: Recorded, past: Past
    ) -> dict[str, int]:
        """What was used before a purchase, by counter; ``shared`` are the budgets of everybody."""
        if not self.limits or not (counters or shared):
            return {}
        found = {}
        for limit in self.limits:
            of = shared if limit.scope in SHARED else counters
            total = sum(of.get(key, 0) for key in _keys(limit, one, past)) if of else 0
            if total:
                found[limit.counter] = total
        return found


def _is_mixed(limits: Sequence[Limit]) -> bool:
    """Whether a shared budget may cut what a later limit takes whole or not at all."""
    cuts = False
    for limit in limits:
        if cuts and not limit.partial:
            return True
        cuts = cuts or (limit.partial and limit.scope in SHARED)
    return False


def _keys(limit: Limit, one: Recorded, past: Past) -> list[CounterKey]:
    value = limit.campaign if limit.scope == "campaign" else None
    if limit.scope in ("store", "partner"):
        value = getattr(one.purchase, limit.scope)
    period = f"{periods.ROLLING}{limit.rolling_days}" if limit.rolling_days else dates.period_key(limit.period, one.day)
    ids = {"member_id": past.state.member_id, "account_id": past.state.account_id}
    scope = periods.scope_key(limit.scope, value, **ids)
    return [(limit.counter, scope, key) for key in periods.read_keys(period, one.day)]


def by_account(pasts: Iterable[Past]) -> dict[int, list[Past]]:
    """Members by the account on which they earn."""
    found: dict[int, list[Past]] = {}
    for past in pasts:
        found.setdefault(past.state.account_id, []).append(past)
    return found


def in_order(pasts: Sequence[Past], setting: Setting) -> list[tuple[Past, int, Recorded]]:
    """The purchases of members within the frame in the order of time, with their places in the member's past."""
    found = [
        (past, place, one)
        for past in pasts
        for place, one in enumerate(past.purchases)
        if setting.since <= one.at < setting.until
    ]
    if len(pasts) > 1:
        found.sort(key=lambda row: (row[2].at, row[2].id))
    return found


class Account:
    """The members of one account, going through their purchases on one side."""

    __slots__ = ("caps", "counters", "setting", "side")

    def __init__(
        self, setting: Setting, side: int, caps: Caps, counters: Mapping[CounterKey, int] | None = None
    ) -> None:
        self.setting = setting
        self.side = side
        self.caps = caps
        self.counters: Counters = dict(counters or {})

    def judge(self, past: Past, place: int, one: Recorded, shared: Mapping[CounterKey, int] = NOTHING) -> Outcome:
        """Judge one purchase by the limits as they stand; takes nothing from them yet."""
        used = self.caps.used(self.counters, shared, one, past)
        setting = self.setting
        context = replay.context_of(past, one, place, setting.contest.frozen, used, setting.depth)
        return evaluate(setting.ruleset(self.side), context, trace=False)

    def take(self, uses: Iterable[tuple[CounterKey, int]]) -> None:
        """Take from the account's own limits."""
        for key, amount in uses:
            self.counters[key] = self.counters.get(key, 0) + amount


def uses_of(outcome: Outcome, past: Past, one: Recorded, values: Mapping[str, Number]) -> tuple[Uses, Common]:
    """What a purchase takes: from the account's own limits, and from budgets that everybody shares.

    :param values: minor units that the smallest unit of each point type is worth.
    """
    own, shared = [], []
    ids = {"member_id": past.state.member_id, "account_id": past.state.account_id}
    for use in outcome.limit_uses:
        if use.scope == "transaction" or not use.amount:
            continue
        key = periods.written_counter(use, one.day, **ids)
        if use.scope in SHARED:
            read = tuple(periods.read_counters(use, one.day, **ids))
            shared.append(Draw(key, read, use.amount, _wanted(outcome, use, values), use.maximum))
        else:
            own.append((key, use.amount))
    return tuple(own), tuple(shared)


def _wanted(outcome: Outcome, use: LimitUse, values: Mapping[str, Number]) -> int:
    """What the rule of a use wanted before limits, in the measure of the limit, rather too much than too little."""
    if use.measure == "uses":
        return use.amount
    points = sum(one.wanted for one in outcome.grants if one.rule == use.rule and one.point_type == use.point_type)
    if use.measure == "points":
        return max(points, use.amount)
    worth = sum(values.get(one.point_type, 0) * one.wanted for one in outcome.grants if one.rule == use.rule)
    return ceil(worth + sum(one.wanted for one in outcome.discounts if one.rule == use.rule))


def replay_accounts(pasts: Iterable[Past], setting: Setting) -> Result:
    """Judge the purchases of whole accounts, as if shared budgets were full."""
    result = Result()
    both: Tally = {}
    caps = Caps(setting.contest.live), Caps(setting.contest.drafted)
    for members in by_account(pasts).values():
        _replay_account(members, setting, caps, result, both)
    for side in (result.live, result.drafted):
        tally.add(side, both.items())
    return result


def _replay_account(
    members: Sequence[Past], setting: Setting, caps: tuple[Caps, Caps], result: Result, both: Tally
) -> None:
    """Judge the purchases of one account; what both sides give alike goes to ``both``."""
    live, drafted = Account(setting, LIVE, caps[LIVE]), Account(setting, DRAFTED, caps[DRAFTED])
    code = setting.contest.code
    mine = f"{code}:"
    is_new, is_apart = not setting.contest.replaces, False
    draft = setting.contest.drafted.rule(code)
    assert draft is not None, "the draft is among its rules"
    for past, place, one in in_order(members, setting):
        outcome = drafted.judge(past, place, one)
        # Where the draft gives nothing and both sides have the same left of their limits, they are the same.
        if is_new and not is_apart and code not in outcome.applied:
            _note_both(result, both, (live, drafted), outcome, past, one)
        else:
            taken = _note(result, drafted, outcome, past, one)
            # A draft that only adds to what the others give need not be judged away.
            left = outcome.without(draft) if is_new and not is_apart else None
            taken_live = _note(result, live, left or live.judge(past, place, one), past, one)
            others = tuple(use for use in taken if not use[0][0].startswith(mine))
            is_apart = is_apart or others != taken_live
        result.purchases += 1


def _note(result: Result, account: Account, outcome: Outcome, past: Past, one: Recorded) -> Uses:
    """What a purchase gives on one side goes to its tally; what it takes from the account's own limits."""
    parts, own, claim = _given(account, outcome, past, one)
    tally.add(result.side(account.side), parts)
    if claim is not None:
        result.claims.append(claim)
    account.take(own)
    return own


def _note_both(
    result: Result, both: Tally, sides: tuple[Account, Account], outcome: Outcome, past: Past, one: Recorded
) -> None:
    """What a purchase gives on both sides alike."""
    live, drafted = sides
    parts, own, claim = _given(drafted, outcome, past, one)
    tally.add(both, parts)
    if parts[-1][0][0] == tally.LOST:
        # Who beat the draft says nothing about rules without it.
        tally.add(result.live, parts[-1:], -1)
        parts = parts[:-1]
    if claim is not None:
        result.claims += [claim, replace(claim, side=LIVE, before=dict(live.counters), parts=tuple(parts))]
    live.take(own)
    drafted.take(own)


def _given(account: Account, outcome: Outcome, past: Past, one: Recorded) -> tuple[list[Part], Uses, Claim | None]:
    setting = account.setting
    parts = setting.parts_of(outcome, one)
    own, shared = uses_of(outcome, past, one, setting.contest.drafted.point_values) if account.caps.limits else ((), ())
    gains = account.caps.may_gain(outcome)
    if not (shared or gains):
        return parts, own, None
    before = dict(account.counters)
    claim = Claim(account.side, one.at, one.id, past.state.account_id, before, own, shared, tuple(parts), gains)
    return parts, own, claim


def replay_in_sequence(pasts: Sequence[Past], setting: Setting) -> Result:
    """The definition: everybody's purchases one after the other in the order of time, each judged on both sides."""
    result = Result()
    owned = by_account(pasts)
    for side in (LIVE, DRAFTED):
        caps = Caps(setting.ruleset(side))
        accounts = {key: Account(setting, side, caps) for key in owned}
        shared: Counters = {}
        for past, place, one in in_order(pasts, setting):
            account = accounts[past.state.account_id]
            outcome = account.judge(past, place, one, shared)
            tally.add(result.side(side), setting.parts_of(outcome, one))
            own, common = uses_of(outcome, past, one, setting.contest.drafted.point_values)
            account.take(own)
            for draw in common:
                shared[draw.key] = shared.get(draw.key, 0) + draw.amount
            result.purchases += side
    return result
