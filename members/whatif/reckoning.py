"""What a replay comes to: the figures of a simulation as plain data. Pure but for names, which are added when shown."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from members.whatif import tally, worth
from members.whatif.replaying import Result
from members.whatif.rulesets import Contest
from members.whatif.tally import DAY, RULE, Tally
from programs.rules.limits import Limit
from programs.rules.money import half_up

MOST_AFFECTED = 50


def reckoned(result: Result, contest: Contest, first: date, last: date) -> dict[str, Any]:
    """The figures of the days ``first`` to ``last``, both included, with the draft against now."""
    drafted, live, rules = result.drafted, result.live, contest.drafted
    members = worth.by_member(rules, drafted, live)
    hits = tally.chosen(drafted, tally.HIT)
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "purchases": result.purchases,
        "paid": drafted.get((tally.PAID,), 0),
        "replaces": contest.replaces,
        "gives": worth.by_kind(drafted, contest.code),
        "hits": sum(hits.values()),
        "members": len(hits),
        "winners": sum(value > 0 for value in members.values()),
        "losers": sum(value < 0 for value in members.values()),
        "before": _sums(live),
        "after": _sums(drafted),
        "cost": worth.total(rules, worth.difference(drafted, live, tally.PAYER)),
        "payers": sorted(worth.by_payer(rules, drafted, live).items()),
        "days": _days(drafted, live, first, last),
        "rules": _rules(drafted, live, contest),
        "budgets": [_budget(limit, drafted, first, last) for limit in _budgets(contest)],
        "affected": _affected(members, drafted, live),
    }


def _sums(found: Tally) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (_rule, kind), amount in tally.chosen(found, RULE).items():
        sums[kind] = sums.get(kind, 0) + amount
    return sums


def _range(first: date, last: date) -> list[date]:
    return [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]


def _days(drafted: Tally, live: Tally, first: date, last: date) -> list[tuple[str, dict[str, int], dict[str, int]]]:
    """Every day with what was given without the draft and with it."""
    sides: list[dict[int, dict[str, int]]] = []
    for found in (live, drafted):
        by_day: dict[int, dict[str, int]] = {}
        for (day, kind), amount in tally.chosen(found, DAY).items():
            by_day.setdefault(day, {})[kind] = amount
        sides.append(by_day)
    return [
        (day.isoformat(), sides[0].get(day.toordinal(), {}), sides[1].get(day.toordinal(), {}))
        for day in _range(first, last)
    ]


def _rules(drafted: Tally, live: Tally, contest: Contest) -> list[dict[str, Any]]:
    """Each rule: what it gave without the draft and with it, and on how many of the draft's purchases."""
    together = tally.chosen(drafted, tally.WITH)
    fired = tally.chosen(drafted, tally.FIRED)
    found = [
        {
            "rule": code,
            "before": worth.by_kind(live, code),
            "after": worth.by_kind(drafted, code),
            "fired": fired.get((code,), 0),
            "together": together.get((code,), 0),
        }
        for code in contest.rules
    ]
    return [one for one in found if one["before"] or one["after"] or one["rule"] == contest.code]


def _budgets(contest: Contest) -> Sequence[Limit]:
    rule = contest.drafted.rule(contest.code)
    assert rule is not None, "the draft is one of the rules"
    return [limit for limit in rule.limits if limit.scope in tally.BUDGET_SCOPES]


def _budget(limit: Limit, drafted: Tally, first: date, last: date) -> dict[str, Any]:
    """A budget with what is used of it at the end of each day, and the day on which nothing was left."""
    taken = {day: amount for (counter, day), amount in tally.chosen(drafted, tally.BUDGET).items()
             if counter == limit.counter}  # fmt: skip
    used, days, ended = 0, [], None
    for day in _range(first, last):
        used += taken.get(day.toordinal(), 0)
        days.append(used)
        if ended is None and limit.period == "lifetime" and used >= limit.maximum:
            ended = day.isoformat()
    return {
        "id": limit.id, "measure": limit.measure, "type": limit.point_type, "maximum": limit.maximum,
        "period": limit.period, "used": used, "days": days, "ended": ended,
    }  # fmt: skip


def _affected(members: Mapping[int, Fraction], drafted: Tally, live: Tally) -> list[dict[str, Any]]:
    """The members for whom most changes, each with what changes."""
    most = sorted(members.items(), key=lambda row: (-abs(row[1]), row[0]))[:MOST_AFFECTED]
    changes: dict[int, dict[str, int]] = {}
    for (member, kind), amount in worth.difference(drafted, live, tally.MEMBER).items():
        changes.setdefault(member, {})[kind] = amount
    hits = tally.chosen(drafted, tally.HIT)
    return [
        {"member": member, "value": half_up(value), "change": changes[member], "hits": hits.get((member,), 0)}
        for member, value in most
    ]
