"""Figures that add up: what purchases gave, by day, member, payer and rule. Pure.

A tally is a plain count by key; what two parts of the members gave is the sum of their tallies, and the gift of a
purchase that is judged again is taken out and put in anew.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from members.activity.replay import Recorded
from programs.rules import Outcome

Key: TypeAlias = tuple[Any, ...]
Part: TypeAlias = tuple[Key, int]
Tally: TypeAlias = dict[Key, int]

DAY, MEMBER, PAYER, RULE, FIRED, WITH, HIT, BUDGET, SEEN, PAID, LOST, STEEP = (
    "day", "member", "payer", "rule", "fired", "with", "hit", "budget", "seen", "paid", "lost", "steep",
)  # fmt: skip
# Money taken off stands beside the point types under a name that no point type can have.
DISCOUNT = "$"
OPERATOR = ""
# A line that earns more than so many times its base points is worth a look.
STEEP_FROM = 3
_BEATEN = ("best_of", "first_of", "exclusive")
BUDGET_SCOPES = ("promotion", "campaign", "program")


def parts_of(
    outcome: Outcome, one: Recorded, code: str, payers: frozenset[int], *, is_estimate: bool = False
) -> list[Part]:
    """What one purchase gave, as parts of a tally.

    :param code: the promotion that is tried out.
    :param is_estimate: tell who beat it, and lines that earn much, as well.
    """
    payer = one.purchase.partner if one.partner_id in payers else None
    day, member = one.day.toordinal(), one.member_id
    found: list[Part] = [((SEEN,), 1), ((PAID,), one.amount)]
    for grant in outcome.grants:
        kind, amount, rule = grant.point_type, grant.amount, grant.owner
        found += (((DAY, day, kind), amount), ((MEMBER, member, kind), amount), ((RULE, rule.id, kind), amount))
        if rule.funding:
            found += [((PAYER, who, kind), part) for who, part in _paid(grant.funding, payer, amount)]
        else:
            found.append(((PAYER, payer or OPERATOR, kind), amount))
    for off in outcome.discounts:
        found += [((DAY, day, DISCOUNT), off.amount), ((MEMBER, member, DISCOUNT), off.amount)]
        found.append(((RULE, off.rule, DISCOUNT), off.amount))
        found += [((PAYER, who, DISCOUNT), part) for who, part in _paid(off.funding, payer, off.amount)]
    found += [((FIRED, rule), 1) for rule in outcome.applied]
    if code in outcome.applied:
        found += [((WITH, rule), 1) for rule in outcome.applied]
        found.append(((HIT, member), 1))
        found += [
            ((BUDGET, use.counter, day), use.amount)
            for use in outcome.limit_uses
            if use.rule == code and use.scope in BUDGET_SCOPES and use.amount
        ]
        if is_estimate and _is_steep(outcome):
            found.append(((STEEP,), 1))
    elif is_estimate:
        reason, _sign, winner = outcome.not_applied.get(code, "").partition(":")
        if reason in _BEATEN:
            found.append(((LOST, winner), 1))
    return found


def _is_steep(outcome: Outcome) -> bool:
    """Whether a line earns more than three times its base points."""
    for line in outcome.lines:
        for kind, base in line.base.items():
            if base and base + line.bonus.get(kind, 0) > STEEP_FROM * base:
                return True
    return False


def _paid(funding: Iterable[Any], default: str | None, amount: int) -> list[tuple[str, int]]:
    shares = [(share.partner, share.amount) for share in funding if share.amount]
    return shares or [(default or OPERATOR, amount)]


def add(tally: Tally, parts: Iterable[Part], times: int = 1) -> None:
    """Put parts into a tally, or with ``times=-1`` take them out; what becomes nothing goes."""
    get = tally.get
    for key, amount in parts:
        total = get(key, 0) + amount * times
        if total:
            tally[key] = total
        else:
            tally.pop(key, None)


def chosen(tally: Mapping[Key, int], kind: str) -> dict[Key, int]:
    """The figures of one kind, by the rest of their keys."""
    return {key[1:]: amount for key, amount in tally.items() if key[0] == kind}
