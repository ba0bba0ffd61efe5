"""The figures of the dashboard. Points are those of the reports: the same questions, the same ledger."""

from dataclasses import dataclass
from datetime import date, timedelta

from programs.setup.models import PointType, Program
from reports.library.definitions import Request, movement
from reports.library.definitions.base import rows
from reports.library.periods import Period

_PURCHASES = """
SELECT count(*), coalesce(sum(amount - returned_amount), 0), count(DISTINCT member_id)
FROM members_purchase WHERE occurred_at >= %(start)s AND occurred_at < %(end)s
"""
_BY_WEEK = """
SELECT date_trunc('week', e.effective_at AT TIME ZONE %(zone)s)::date AS week,
       coalesce(sum(p.amount) FILTER (WHERE e.kind = 'earn'), 0),
       -coalesce(sum(p.amount) FILTER (WHERE e.kind IN ('redeem', 'cancel')), 0),
       -coalesce(sum(p.amount) FILTER (WHERE e.kind = 'expire'), 0)
FROM members_posting p JOIN members_entry e ON e.id = p.entry_id
WHERE p.wallet_id IS NOT NULL AND p.point_type_id = %(point_type)s
  AND e.effective_at >= %(start)s AND e.effective_at < %(end)s
GROUP BY 1 ORDER BY 1
"""
# Memberships whose person was erased stay counted, as in the report: figures of a past period never change.
_MEMBERS = "SELECT count(*) FROM members_member WHERE enrolled_at < %(end)s"


@dataclass(frozen=True, slots=True)
class Standing:
    """The program in one period: money in minor units, points in smallest units."""

    members: int
    buyers: int
    purchases: int
    amount: int
    earned: int
    redeemed: int
    expired: int
    outstanding: int

    @property
    def basket(self) -> int | None:
        """What a purchase is worth on average, minor units, rounded down; unknown without any."""
        return self.amount // self.purchases if self.purchases else None

    @property
    def redemption_rate(self) -> int | None:
        """Points redeemed per 1,000 earned; unknown when nothing was earned."""
        return self.redeemed * 1000 // self.earned if self.earned else None


def standing(request: Request, period: Period) -> Standing:
    """How the program did in a period."""
    values = {"start": period.start, "end": period.end}
    purchases, amount, buyers = rows(_PURCHASES, values)[0]
    changed = movement.moves(request, period)
    return Standing(
        members=int(rows(_MEMBERS, values)[0][0]),
        buyers=int(buyers),
        purchases=int(purchases),
        amount=int(amount),
        earned=changed.get("earn", 0),
        redeemed=-changed.get("redeem", 0) - changed.get("cancel", 0),
        expired=-changed.get("expire", 0) - changed.get("reinstate", 0),
        outstanding=movement.balance_at(request, period.end),
    )


def by_week(request: Request, period: Period) -> list[tuple[date, int, int, int]]:
    """(Monday, earned, redeemed, expired) for each week that the period touches, weeks without anything included."""
    values = {
        "zone": request.program.timezone, "point_type": request.point_type.pk, "start": period.start, "end": period.end,
    }  # fmt: skip
    found = {
        week: (int(earned), int(redeemed), int(expired)) for week, earned, redeemed, expired in rows(_BY_WEEK, values)
    }
    week, weeks = period.first - timedelta(days=period.first.weekday()), []
    while week <= period.last:
        weeks.append((week, *found.get(week, (0, 0, 0))))
        week += timedelta(days=7)
    return weeks


def point_type() -> PointType | None:
    """The point type that the dashboard speaks of: the first that can be spent."""
    return PointType.objects.filter(is_spendable=True, archived_at__isnull=True).order_by("position", "pk").first()


def days_known(program: Program, today: date) -> tuple[date, date]:
    """The first and the last day with a purchase, else today: a program whose files come late still has a dashboard."""
    question = "SELECT min(occurred_date), max(occurred_date) FROM members_purchase WHERE program_id = %(program)s"
    first, last = rows(question, {"program": program.pk})[0]
    return first or today, last or today
