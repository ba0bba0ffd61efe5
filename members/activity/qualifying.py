"""What counts toward tiers: points, money or purchases by local day, net of returns."""

from collections.abc import Mapping
from datetime import date

from members.activity.models import BoughtDay
from members.ledger import queries as ledger
from programs.promotions.snapshots import FrozenProgram
from programs.tiers.arithmetic import SchemeTerms


def by_day(
    scheme: SchemeTerms, frozen: FrozenProgram, accounts: Mapping[int, int], since: date
) -> dict[int, dict[date, int]]:
    """What members (account by member) have from ``since`` on, by member and local day.

    Points count for the account, whoever of its members earned them; money and purchases count for the member.
    """
    if scheme.measure == "points":
        assert scheme.point_type is not None, "a scheme of points names their type"
        earned = ledger.earned_by_day(set(accounts.values()), frozen.point_type_id(scheme.point_type), since)
        return {member: dict(earned.get(account, {})) for member, account in accounts.items()}
    return _bought_by_day(scheme.measure, accounts, since)


def value_between(
    scheme: SchemeTerms, frozen: FrozenProgram, *, member_id: int, account_id: int, first: date, last: date
) -> int:
    """What a member has from the local day ``first`` to ``last``, both included."""
    found = by_day(scheme, frozen, {member_id: account_id}, first).get(member_id, {})
    return sum(amount for day, amount in found.items() if day <= last)


def _bought_by_day(measure: str, accounts: Mapping[int, int], since: date) -> dict[int, dict[date, int]]:
    """Money is what was kept, in minor units; a purchase of which everything came back is none (C13)."""
    rows = BoughtDay.objects.filter(member_id__any=accounts, day__gte=since).values_list("member_id", "day", measure)
    found: dict[int, dict[date, int]] = {}
    for member_id, day, value in rows:
        found.setdefault(member_id, {})[day] = int(value)
    return found
