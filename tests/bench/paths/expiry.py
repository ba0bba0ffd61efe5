"""The expiry of many lots beside one set-based statement that writes the same rows, each on lots of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import services
from tests.bench import timing
from tests.bench.paths import program, rows
from tests.bench.paths.program import World
from tests.bench.paths.stage import Stage

LOTS = int(os.environ.get("BENCH_LOTS", "100000"))
MUST, AIM = 0.8, 1.5
# Far below the keys that the database gives, apart from each other.
FIRST_KEYS = (1_000_000_000, 2_000_000_000)

# One lot a wallet, each ended at an instant of its own within the last day.
_FILL = (
    """INSERT INTO members_account (id, program_id, kind)
       SELECT {first} + n, {program}, 'individual' FROM generate_series(1, {lots}) n""",
    """INSERT INTO members_wallet (id, program_id, account_id, point_type_id, active, pending, reserved, debt, credit_limit,
         version, is_frozen)
       SELECT {first} + n, {program}, {first} + n, t.id, 100, 0, 0, 0, 0, 1, false
       FROM generate_series(1, {lots}) n, programs_point_type t WHERE t.program_id = {program}""",
    """INSERT INTO members_entry (id, program_id, account_id, kind, cause_kind, request_key, actor_kind, note, occurred_at,
         effective_at)
       SELECT {first} + n, {program}, {first} + n, 'earn', 'bench', 'lot:' || {first} + n, 'system', '',
         now() - interval '9 days', now() - interval '9 days' FROM generate_series(1, {lots}) n""",
    """INSERT INTO members_lot (id, program_id, wallet_id, entry_id, amount, remaining, is_open, is_pending, earned_at,
         expires_at, rule, awaits)
       SELECT {first} + n, {program}, {first} + n, {first} + n, 100, 100, true, false, now() - interval '9 days',
         {ended}, '', '' FROM generate_series(1, {lots}) n""",
)
_STATEMENT = """
    WITH due AS (
      SELECT l.id, l.wallet_id, l.remaining, l.expires_at, l.partner_id, w.account_id, w.point_type_id
      FROM members_lot l JOIN members_wallet w ON w.id = l.wallet_id
      WHERE l.is_open AND l.expires_at <= %(at)s
      ORDER BY w.id FOR NO KEY UPDATE OF w
    ), entry AS (
      INSERT INTO members_entry (program_id, account_id, kind, cause_kind, cause_id, request_key, actor_kind, note,
        occurred_at, effective_at)
      SELECT %(program)s, account_id, 'expire', 'expire', wallet_id,
        wallet_id || ':' || expires_at || ':' || %(at)s::timestamptz, 'system', '', expires_at, expires_at FROM due
      RETURNING id, cause_id
    ), each AS (SELECT d.*, e.id AS entry_id FROM due d JOIN entry e ON e.cause_id = d.wallet_id),
    posted AS (
      INSERT INTO members_posting (program_id, entry_id, wallet_id, point_type_id, bucket, partner_id, amount)
      SELECT %(program)s, entry_id, wallet_id, point_type_id, 'active', NULL::bigint, -remaining FROM each
      UNION ALL SELECT %(program)s, entry_id, NULL, point_type_id, 'expired', partner_id, remaining FROM each
    ), used AS (
      INSERT INTO members_lot_use (program_id, lot_id, entry_id, amount)
      SELECT %(program)s, id, entry_id, remaining FROM each
    ), closed AS (
      UPDATE members_lot l SET remaining = 0, is_open = false FROM each WHERE l.id = each.id
    )
    UPDATE members_wallet w SET active = w.active - each.remaining, version = w.version + 1
    FROM each WHERE w.id = each.wallet_id
"""


def main(arguments: Sequence[str]) -> int:
    """Print both rates; 0 when the sweep is fast enough."""
    stage = Stage.built(1)
    other = program.made(1, code="OTHER")
    at = clock.now()
    connection.close()
    for world, first in zip((stage.world, other), FIRST_KEYS, strict=True):
        _fill(stage, world, first, at)
    stage.superuser.execute("VACUUM ANALYZE")
    stage.superuser.execute("CHECKPOINT")
    seconds: list[float] = []
    product_rows = rows.written(stage.superuser, lambda: _timed(seconds, lambda: _sweep(stage.world, at)))
    stage.superuser.execute("CHECKPOINT")
    raw_rows = rows.written(stage.superuser, lambda: _timed(seconds, lambda: _at_once(other, at)))
    unlike = rows.differences(product_rows, raw_rows)
    own, other_seconds = seconds
    ratio = other_seconds / own
    is_met = ratio >= MUST and not unlike
    row = [
        f"expiry of {LOTS:,} lots", f"{LOTS / own:.0f}", f"{LOTS / other_seconds:.0f}", f"{ratio:.3f}", str(MUST),
        str(AIM), "yes" if is_met else "NO",
    ]  # fmt: skip
    print(timing.table(["path", "product lots/s", "one statement lots/s", "of R", "must", "aim", "met"], [row]))
    print("R writes the same rows." if not unlike else "R does NOT write the same rows:\n  " + "\n  ".join(unlike))
    print(timing.machine())
    return 0 if is_met else 1


def _fill(stage: Stage, world: World, first: int, at: datetime) -> None:
    ended = f"timestamptz '{(at - timedelta(days=1)).isoformat()}' + make_interval(secs => n * 80000.0 / {LOTS})"
    stage.superuser.execute("SET session_replication_role = replica")
    for statement in _FILL:
        stage.superuser.execute(statement.format(first=first, program=world.program_id, lots=LOTS, ended=ended))
    stage.superuser.execute("SET session_replication_role = origin")


def _timed(seconds: list[float], act: object) -> int:
    """Run ``act``, note its seconds, end its connection; how many lots it was about."""
    assert callable(act)
    began = time.perf_counter()
    act()
    seconds.append(time.perf_counter() - began)
    connection.close()
    return LOTS


def _sweep(world: World, at: datetime) -> None:
    """The product's sweep, chunk by chunk, as its task does it."""
    with program.entered(world.program_id):
        expired = services.expire_all_due(at=at)
    assert expired == LOTS, expired


def _at_once(world: World, at: datetime) -> None:
    with program.entered(world.program_id), unit_of_work(), connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"at": at, "program": world.program_id})
        assert cursor.rowcount == LOTS, cursor.rowcount
