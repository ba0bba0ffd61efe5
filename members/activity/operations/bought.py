"""Keeping what members bought day by day: with each purchase, again after a return, and anew from all purchases."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import connection

from loyalty.kernel import arrays, bulk, scope
from members.activity.models import BoughtDay
from members.activity.sums import UNITS

if TYPE_CHECKING:
    from members.activity.decision import Decision

# No instant of a local day is further from that day's noon in UTC.
_FURTHEST = timedelta(hours=26)
# What the purchases ``p`` of a day come to.
_SUMS = f"""
    count(*) FILTER (WHERE NOT p.is_returned), coalesce(sum(p.amount - p.returned_amount), 0), coalesce(sum((
      SELECT sum({UNITS}) FROM members_purchase_line l WHERE l.purchase_id = p.id AND l.returned_quantity < l.quantity
    )), 0)
"""
_WRITE = "INSERT INTO members_bought_day (program_id, member_id, day, purchases, amount, units)"
_REPLACE = """
    ON CONFLICT (member_id, day)
    DO UPDATE SET purchases = excluded.purchases, amount = excluded.amount, units = excluded.units
"""
_REBUILD = f"""
    {_WRITE}
    SELECT p.program_id, p.member_id, p.occurred_date, count(*) FILTER (WHERE NOT p.is_returned),
      coalesce(sum(p.amount - p.returned_amount), 0), coalesce(sum(u.units), 0)
    FROM members_purchase p
    LEFT JOIN (
      SELECT l.purchase_id, sum({UNITS}) AS units FROM members_purchase_line l
      WHERE l.program_id = %(program)s AND l.returned_quantity < l.quantity GROUP BY 1
    ) u ON u.purchase_id = p.id
    WHERE p.program_id = %(program)s GROUP BY 1, 2, 3 {_REPLACE}
    WHERE (members_bought_day.purchases, members_bought_day.amount, members_bought_day.units)
      IS DISTINCT FROM (excluded.purchases, excluded.amount, excluded.units)
"""


def add_to_days(decisions: Sequence["Decision"]) -> None:
    """Add purchases that were written now to the days of their members, under the locks of these members' wallets."""
    days: dict[tuple[int, date], list[int]] = {}
    for one in decisions:
        day = days.setdefault((one.member_id, one.day), [0, 0, 0])
        day[0] += 1
        day[1] += one.amount
        day[2] += sum(line.units for line in one.purchase.lines)
    program = scope.program_id()
    bulk.insert(
        BoughtDay,
        ["program", "member", "day", "purchases", "amount", "units"],
        [(program, *key, *day) for key, day in sorted(days.items())],
        suffix="""
            ON CONFLICT (member_id, day) DO UPDATE SET purchases = members_bought_day.purchases + excluded.purchases,
              amount = members_bought_day.amount + excluded.amount, units = members_bought_day.units + excluded.units
        """,
    )


def reckon_days(days: Iterable[tuple[int, date]]) -> None:
    """Reckon days of members anew from their purchases; the caller holds them."""
    keys = sorted(set(days))
    noons = [datetime.combine(day, time(12), UTC) for _member, day in keys]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            {_WRITE} SELECT p.program_id, p.member_id, p.occurred_date, {_SUMS}
            FROM (
              SELECT * FROM unnest(%s::bigint[], %s::date[], %s::timestamptz[], %s::timestamptz[])
                AS k(member_id, day, since, until) LIMIT %s
            ) k
            JOIN members_purchase p ON p.member_id = k.member_id AND p.occurred_at >= k.since AND p.occurred_at <= k.until
              AND p.occurred_date = k.day
            GROUP BY 1, 2, 3 {_REPLACE}
            """,
            [
                arrays.column("bigint", [member for member, _day in keys]),
                arrays.column("date", [day for _member, day in keys]),
                arrays.column("timestamp with time zone", [noon - _FURTHEST for noon in noons]),
                arrays.column("timestamp with time zone", [noon + _FURTHEST for noon in noons]),
                # The list is cut where it ends: see ``sums``.
                len(keys),
            ],
        )


def rebuild_days() -> int:
    """Reckon all days of the program in scope anew from its purchases; how many rows were wrong, missing or too many.

    Purchases and returns of every program wait meanwhile: what is under way is either seen here or adds itself afterwards.
    """
    program = scope.program_id()
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_bought_day IN SHARE ROW EXCLUSIVE MODE")
        # All rows of all tables are read. Right after a load the server knows of no sizes, takes everything for a few rows,
        # and would look at one table again for each row of another.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            """
            DELETE FROM members_bought_day d WHERE d.program_id = %s AND NOT EXISTS (
              SELECT FROM members_purchase p WHERE p.program_id = d.program_id AND p.member_id = d.member_id
                AND p.occurred_date = d.day
            )
            """,
            [program],
        )
        removed = cursor.rowcount
        cursor.execute(_REBUILD, {"program": program})
        written = cursor.rowcount
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
        return int(removed + written)
