"""Which tables are partitioned, and how far ahead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from loyalty.kernel import ids

# A range that begins at the beginning has no first key.
_BOUND = re.compile(r"FROM \((?:MINVALUE|'(-?\d+)')\) TO \('(-?\d+)'\)")
_PARTITIONS = """
SELECT p.relname, c.relname, pg_get_expr(c.relpartbound, c.oid), c.reltuples::bigint
FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
JOIN pg_namespace n ON n.oid = p.relnamespace
WHERE n.nspname = current_schema() AND p.relkind = 'p' AND p.relname = ANY(%s) AND NOT i.inhdetachpending
"""


@dataclass(frozen=True, slots=True)
class Partition:
    """Keys from ``first`` (nothing: from the beginning) to before ``end``; ``rows`` as last estimated, if ever."""

    name: str
    first: int | None
    end: int
    rows: int | None


def partitions(where: Any = connection) -> dict[str, list[Partition]]:
    """By partitioned table its partitions in the order of keys."""
    with where.cursor() as cursor:
        cursor.execute(_PARTITIONS, [list(settings.PARTITIONED)])
        rows = cursor.fetchall()
    found: dict[str, list[Partition]] = {}
    for table, name, bound, estimate in rows:
        match = _BOUND.search(bound)
        assert match, f"{name} is no range of keys: {bound}"
        first = int(match[1]) if match[1] else None
        found.setdefault(table, []).append(Partition(name, first, int(match[2]), estimate if estimate >= 0 else None))
    return {table: sorted(parts, key=lambda part: part.end) for table, parts in sorted(found.items())}


def running_out(at: datetime) -> Sequence[str]:
    """The tables that have no partition for the month after that of ``at``."""
    needed = ids.first_of(month_after(month_after(at)))
    return [table for table, parts in partitions().items() if parts[-1].end < needed]


def month_after(at: datetime) -> datetime:
    """The first instant of the next month, UTC."""
    assert at.utcoffset() is not None
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
