"""Expiring lots, set by set: what ends is read under the locks of its wallets, and one statement writes all of it."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from loyalty.kernel import scope, telemetry
from members.ledger.models import EntryKind

# The wallets of the lots that ended first, in the order in which wallets are locked.
_LOCK = """
    SELECT w.id FROM members_wallet w
    WHERE w.id = ANY (ARRAY(
      SELECT l.wallet_id FROM members_lot l
      WHERE l.program_id = %(program)s AND l.is_open AND l.expires_at <= %(at)s {chosen}
      ORDER BY l.expires_at LIMIT %(limit)s
    ))
    ORDER BY w.id FOR NO KEY UPDATE OF w
"""
# Keys themselves may all be odd, or all even.
_OF_LANE = "AND hashint8(l.wallet_id) & 1 = %(lane)s"
_OF_ACCOUNTS = (
    "AND EXISTS (SELECT FROM members_wallet o WHERE o.id = l.wallet_id AND o.account_id = ANY (%(accounts)s::bigint[]))"
)
# All of a wallet that ended at one instant is one entry.
_EXPIRE = """
    WITH due AS MATERIALIZED (
      SELECT l.id, l.wallet_id, l.remaining, l.expires_at, l.partner_id, w.account_id, w.point_type_id,
             CASE WHEN l.is_pending THEN 'pending' ELSE 'active' END AS bucket
      FROM members_lot l JOIN members_wallet w ON w.id = l.wallet_id
      WHERE l.wallet_id = ANY (%(wallets)s::bigint[]) AND l.is_open AND l.expires_at <= %(at)s
    ), fact AS MATERIALIZED (
      SELECT wallet_id, expires_at, account_id, point_type_id, loyalty_next_id() AS id
      FROM (SELECT DISTINCT wallet_id, expires_at, account_id, point_type_id FROM due ORDER BY wallet_id, expires_at) one
    ), entry AS (
      INSERT INTO members_entry (id, program_id, account_id, kind, cause_kind, cause_id, request_key, actor_kind,
        actor_id, note, occurred_at, effective_at)
      SELECT id, %(program)s, account_id, %(kind)s, %(kind)s, wallet_id,
        wallet_id || ':' || to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || ':' || %(turn)s,
        %(actor_kind)s, %(actor_id)s, '', expires_at, expires_at FROM fact
    ), posted AS (
      INSERT INTO members_posting (program_id, entry_id, wallet_id, point_type_id, bucket, partner_id, amount)
      SELECT %(program)s, f.id, d.wallet_id, d.point_type_id, d.bucket, NULL, -sum(d.remaining)
      FROM due d JOIN fact f USING (wallet_id, expires_at) GROUP BY f.id, d.wallet_id, d.point_type_id, d.bucket
      UNION ALL
      SELECT %(program)s, f.id, NULL, d.point_type_id, 'expired', d.partner_id, sum(d.remaining)
      FROM due d JOIN fact f USING (wallet_id, expires_at) GROUP BY f.id, d.point_type_id, d.partner_id
    ), used AS (
      INSERT INTO members_lot_use (program_id, lot_id, entry_id, amount)
      SELECT %(program)s, d.id, f.id, d.remaining FROM due d JOIN fact f USING (wallet_id, expires_at)
    ), closed AS (
      UPDATE members_lot l SET remaining = 0, is_open = false FROM due d WHERE l.id = d.id
    ), moved AS (
      UPDATE members_wallet w SET active = w.active - m.active, pending = w.pending - m.pending,
             version = w.version + m.entries
      FROM (
        SELECT wallet_id, coalesce(sum(remaining) FILTER (WHERE bucket = 'active'), 0) AS active,
               coalesce(sum(remaining) FILTER (WHERE bucket = 'pending'), 0) AS pending,
               count(DISTINCT expires_at) AS entries
        FROM due GROUP BY wallet_id
      ) m WHERE w.id = m.wallet_id
    )
    SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM fact)
"""


def expire(*, at: datetime, accounts: Collection[int] | None, limit: int, lane: int | None) -> int:
    """Expire what ended by ``at`` in the wallets of the ``limit`` lots that ended first; how many lots.

    :param accounts: of these alone.
    :param lane: of every second wallet alone, from 0 or from 1.
    """
    program, actor = scope.program_id(), scope.actor()
    chosen = (_OF_LANE if lane is not None else "") + (_OF_ACCOUNTS if accounts is not None else "")
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK.format(chosen=chosen),
            {
                "program": program, "at": at, "limit": limit,
                **({"lane": lane} if lane is not None else {}),
                **({"accounts": list(accounts)} if accounts is not None else {}),
            },
        )  # fmt: skip
        wallets = [wallet for (wallet,) in cursor.fetchall()]
        if not wallets:
            return 0
        # A statement of its own: it sees what was there when the last wallet was locked.
        cursor.execute(
            _EXPIRE,
            {
                "program": program, "at": at, "turn": at.isoformat(), "wallets": wallets, "kind": EntryKind.EXPIRE.value,
                "actor_kind": actor.kind, "actor_id": actor.id,
            },
        )  # fmt: skip
        lots, entries = cursor.fetchone()
    telemetry.POINTS_POSTED.labels(kind=EntryKind.EXPIRE).inc(entries)
    return int(lots)
