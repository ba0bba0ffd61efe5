"""What a draft would do in a month, estimated from some members: reach, points, cost, days of budget, and warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from members.whatif import tally, worth
from members.whatif.queries import replaying as queries
from members.whatif.replaying import Result, replay_accounts
from members.whatif.rulesets import Contest
from programs.rules.limits import Limit

DAYS, LONG = 30, 90
MOST_MEMBERS = 100
# A draft that shares every third of its purchases with another rule is worth a look.
OFTEN = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a budget of the draft holds at the pace of the sample; nothing when hardly anything takes from it."""

    limit: Limit
    days: int | None


@dataclass(frozen=True, slots=True)
class Impact:
    """Estimates for all members in thirty days. Points are smallest units by type, money minor units.

    :param share: sampled members, of how many.
    :param seen: purchases that were judged.
    :param hits: of these, those to which the draft gave something.
    :param together: other rules on the same purchases, with how many of the hits.
    :param lost: rules that beat the draft, with how often.
    :param days_seen: how many days were looked at: more where a month shows nothing.
    """

    share: tuple[int, int]
    seen: int
    hits: int
    members: int
    purchases: int
    gives: Mapping[str, int]
    cost: int
    cost_share: float
    budgets: Sequence[Budget]
    together: Sequence[tuple[str, int]] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    steep: int = 0
    days_seen: int = DAYS

    @property
    def is_dead(self) -> bool:
        """Whether nothing it looks at would count."""
        return self.hits == 0 and self.seen > 0 and not self.lost

    @property
    def always_loses(self) -> bool:
        """Whether others win every time."""
        return self.hits == 0 and bool(self.lost)

    @property
    def warnings(self) -> int:
        """How many things are worth a look."""
        return len(self.together) + self.is_dead + self.always_loses + bool(self.steep)


def impact_of(contest: Contest, now: datetime) -> Impact:
    """Judge what a sample of members bought in the last thirty days, and project it on all of them."""
    sample = queries.sample(MOST_MEMBERS)
    chosen, days = sample.member_ids, DAYS
    result = _replayed(contest, now, chosen, days)
    if not tally.chosen(result.drafted, tally.HIT) and not tally.chosen(result.drafted, tally.LOST):
        # A third of the members for three times as long: as many purchases again.
        is_whole = len(chosen) == sample.of
        chosen, days = chosen if is_whole else chosen[:: LONG // DAYS], LONG
        result = _replayed(contest, now, chosen, days)
    return _estimated(contest, result, (len(chosen), sample.of), days)


def _replayed(contest: Contest, now: datetime, member_ids: Sequence[int], days: int) -> Result:
    setting = queries.setting_of(contest, now, days, is_estimate=True)
    return replay_accounts(queries.pasts_of(member_ids, setting), setting)


def _estimated(contest: Contest, result: Result, share: tuple[int, int], days: int) -> Impact:
    scale = share[1] / (share[0] or 1) * DAYS / days
    drafted, live, code = result.drafted, result.live, contest.code
    hits = tally.chosen(drafted, tally.HIT)
    count = sum(hits.values())
    paid = drafted.get((tally.PAID,), 0)
    cost = worth.total(contest.drafted, worth.difference(drafted, live, tally.PAYER))
    gives = worth.by_kind(drafted, code)
    return Impact(
        share=share,
        seen=result.purchases,
        hits=count,
        members=_up(len(hits) * share[1] / (share[0] or 1)),
        purchases=_up(count * scale),
        gives={kind: _up(amount * scale) for kind, amount in gives.items()},
        cost=_up(cost * scale),
        cost_share=cost / paid if paid else 0.0,
        budgets=_budgets(contest, result, scale),
        together=[
            (rule, times)
            for (rule,), times in sorted(tally.chosen(drafted, tally.WITH).items(), key=lambda row: -row[1])
            if rule != code and times * OFTEN >= count and not _is_expected(contest, rule)
        ],
        lost={winner: times for (winner,), times in tally.chosen(drafted, tally.LOST).items()},
        steep=drafted.get((tally.STEEP,), 0),
        days_seen=days,
    )


def _is_expected(contest: Contest, rule: str) -> bool:
    """Base points and tier benefits go with everything."""
    frozen = contest.rules[rule]
    return frozen.document.get("phase") == "base" or (frozen.version_id is None and rule != contest.code)


def _budgets(contest: Contest, result: Result, scale: float) -> list[Budget]:
    rule = contest.drafted.rule(contest.code)
    assert rule is not None, "the draft is one of the rules"
    used: dict[str, int] = {}
    for (counter, _day), amount in tally.chosen(result.drafted, tally.BUDGET).items():
        used[counter] = used.get(counter, 0) + amount
    found = []
    for limit in rule.limits:
        if limit.scope in tally.BUDGET_SCOPES and limit.period == "lifetime" and limit.rolling_days is None:
            pace = used.get(limit.counter, 0) * scale / DAYS
            found.append(Budget(limit, int(limit.maximum / pace) if pace else None))
    return found


def _up(amount: float) -> int:
    """Rounded to two digits that count: an estimate does not pretend to more."""
    whole = round(amount)
    digits = len(str(abs(whole))) - 2
    return round(whole, -digits) if digits > 0 else whole
