"""Whether R writes what the product writes: rows inserted, changed and deleted, table by table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from loyalty.platform import processes, roles

Written = Mapping[str, tuple[float, float, float]]

_ASKED = """
    SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables
    WHERE relname LIKE ANY (ARRAY['members%', 'programs%', 'rewards%', 'partners%', 'loyalty%'])
"""
_OPEN = "SELECT FROM pg_stat_activity WHERE usename = %s LIMIT 1"
ENDED_WITHIN = 10.0
# Which rules give points depends a little on what a member bought before.
TOLERANCE = 0.1
SMALL = 0.25


def written(superuser: psycopg.Connection[Any], act: Callable[[], int]) -> Written:
    """What ``act`` writes for each of as many transactions as it says; it ends its connections, and no others are open."""
    before = _figures(superuser)
    count = act()
    after = _figures(superuser)
    none = (0, 0, 0)
    changed = {
        table: tuple((now - then) / count for now, then in zip(figures, before.get(table, none), strict=True))
        for table, figures in after.items()
    }
    return {table: (figures[0], figures[1], figures[2]) for table, figures in changed.items() if any(figures)}


def _figures(superuser: psycopg.Connection[Any]) -> dict[str, tuple[int, ...]]:
    """Counted when every session has ended: each adds its figures as it ends."""
    is_quiet = processes.wait_until(
        lambda: superuser.execute(_OPEN, [roles.APP]).fetchone() is None, seconds=ENDED_WITHIN
    )
    assert is_quiet, "a session of the product is still open"
    return {row[0]: row[1:] for row in superuser.execute(_ASKED)}


def differences(product: Written, raw: Written) -> list[str]:
    """Where the two differ by more than chance; empty when R writes all rows."""
    found = []
    none = (0.0, 0.0, 0.0)
    for table in sorted({*product, *raw}):
        pairs = zip(("inserted", "changed", "deleted"), product.get(table, none), raw.get(table, none), strict=True)
        for what, own, other in pairs:
            if abs(own - other) > max(SMALL, TOLERANCE * max(own, other)):
                found.append(f"{table}: {what} {own:.2f} by the product, {other:.2f} by R")
    return found
