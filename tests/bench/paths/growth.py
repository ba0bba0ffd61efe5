"""Whether the cost of an earning grows with the member's history or with the size of the ledger."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from statistics import median

from django.db import connection

from tests.bench import timing
from tests.bench.paths import cpu
from tests.bench.paths.program import World, reckon_days
from tests.bench.paths.requests import KINDS
from tests.bench.paths.stage import Stage
from tests.bench.promotions import PRODUCTS

HISTORIES = (1, 100, 10_000)
GROUP = 20
SMALL = int(os.environ.get("BENCH_LEDGER", "100000"))
TIMES = 10
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "100"))
ROUND = 10
WARM = 30
# How much more the largest may cost: what differs less is chance.
MOST = 1.15

_PURCHASES = """
    INSERT INTO members_purchase (program_id, member_id, account_id, source, external_id, channel, till, payment, currency,
      amount, foreign_currency, returned_amount, paid_with_points, line_count, occurred_at, occurred_date)
    SELECT a.program_id, a.member_id, a.account_id, 'grown', a.member_id || '-' || n, 'shop', '', 'card', 'PLN', 5000, '',
      0, 0, 2, moment, (moment AT TIME ZONE 'Europe/Warsaw')::date
    FROM members_account_member a
    JOIN members_identifier i ON i.member_id = a.member_id
    CROSS JOIN generate_series(1, %(count)s) n
    CROSS JOIN LATERAL (SELECT now() - make_interval(mins => 60 * 24 + n * 30) AS moment) m
    WHERE i.value BETWEEN %(first)s AND %(last)s
"""
# Two lines each, of articles from all over the catalog: rules look back at some of them.
_LINES = """
    INSERT INTO members_purchase_line (program_id, purchase_id, number, line_id, sku, quantity, unit, amount, list_amount,
      returned_quantity, returned_amount, member_id, occurred_at)
    SELECT p.program_id, p.id, n, n, 'p' || abs(hashtext(p.external_id || '/' || n)) %% %(products)s, 1, 'piece', 2500, 2500, 0,
      0, p.member_id, p.occurred_at
    FROM members_purchase p CROSS JOIN generate_series(1, 2) n WHERE p.source = 'grown'
"""
_ENTRIES = """
    WITH made AS (
      INSERT INTO members_entry (program_id, account_id, kind, cause_kind, request_key, actor_kind, note, occurred_at,
        effective_at)
      SELECT w.program_id, w.account_id, 'earn', 'bench', 'grown:' || w.id || ':' || n, 'system', '', moment, moment
      FROM members_wallet w CROSS JOIN generate_series(%(first)s::bigint, %(last)s::bigint) n
      CROSS JOIN LATERAL (SELECT now() - make_interval(hours => (24 + n)::int) AS moment) m
      RETURNING id, program_id, account_id
    )
    INSERT INTO members_posting (program_id, entry_id, wallet_id, point_type_id, bucket, amount)
    SELECT m.program_id, m.id, CASE WHEN side = 1 THEN w.id END, w.point_type_id,
      CASE WHEN side = 1 THEN 'active' ELSE 'issued' END, side * 10
    FROM made m JOIN members_wallet w ON w.account_id = m.account_id CROSS JOIN (VALUES (1), (-1)) s(side)
"""


def main(arguments: Sequence[str]) -> int:
    """Print CPU microseconds of an earning; 0 when they do not grow."""
    stage = Stage.built(len(HISTORIES) * GROUP)
    stage.superuser.execute("SET session_replication_role = replica")
    kind = KINDS["earn"]
    stage.call(kind, stage.numbers(kind, WARM))
    rows, is_met = [], True
    for place, count in enumerate(HISTORIES):
        _grow_history(stage, place, count)
    stage.superuser.execute(_LINES, {"products": PRODUCTS})
    reckon_days(stage.world.program_id)
    connection.close()
    stage.superuser.execute("VACUUM ANALYZE")
    costs = _costs(stage, [_part(stage.world, place) for place in range(len(HISTORIES))])
    for count, (web, database) in zip(HISTORIES, costs, strict=True):
        rows.append([f"{count:,} purchases of the member", f"{web:.0f}", f"{database:.0f}"])
    is_met &= sum(costs[-1]) <= MOST * sum(costs[0])
    ledgers = []
    grown = 0
    for size in (SMALL, SMALL * TIMES):
        grown = grow_ledger(stage, grown, size)
        ledgers.append(_costs(stage, [_part(stage.world, 0)])[0])
        rows.append([f"{size:,} entries in the ledger", f"{ledgers[-1][0]:.0f}", f"{ledgers[-1][1]:.0f}"])
    is_met &= sum(ledgers[-1]) <= MOST * sum(ledgers[0])
    print(timing.table(["earning, CPU us a request", "product", "database"], rows))
    print(f"At most {MOST:.2f} times: {'met' if is_met else 'NOT met'}. {timing.machine()}")
    return 0 if is_met else 1


def _part(world: World, place: int) -> World:
    """The members of one history alone."""
    return World(world.program_id, world.token, GROUP, first=place * GROUP)


def _grow_history(stage: Stage, place: int, count: int) -> None:
    part = _part(stage.world, place)
    stage.superuser.execute(_PURCHASES, {"count": count, "first": part.card(0), "last": part.card(GROUP - 1)})


def grow_ledger(stage: Stage, have: int, size: int) -> int:
    """Entries of all members alike, up to so many; how many each has then."""
    wanted = size // stage.world.members
    stage.superuser.execute(_ENTRIES, {"first": have + 1, "last": wanted})
    stage.superuser.execute("VACUUM ANALYZE members_entry, members_posting")
    return wanted


def _costs(stage: Stage, parts: Sequence[World]) -> list[tuple[float, float]]:
    """Median CPU microseconds of a request in this process and of its database process, for each part in turn."""
    kind = KINDS["earn"]
    taken: list[list[tuple[float, float]]] = [[] for _ in parts]
    for turn in range(max(2, REQUESTS // ROUND) + 1):
        for part, found in zip(parts, taken, strict=True):
            sent = [kind.make(part, number, stage.at) for number in stage.numbers(kind, ROUND)]
            began, before = time.process_time(), _database()
            for one in sent:
                stage.caller.send(one)
            if turn:
                found.append((time.process_time() - began, _database() - before))
    return [
        (
            median(web for web, _database in found) / ROUND * timing.MICRO,
            sum(database for _web, database in found) / len(found) / ROUND * timing.MICRO,
        )
        for found in taken
    ]


def _database() -> float:
    """CPU seconds of the database's process behind this connection; nothing before there is one."""
    session = connection.connection
    return 0.0 if session is None else cpu.tree(session.info.backend_pid)
