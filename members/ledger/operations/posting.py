"""The one place that writes points: entries, postings, lots, uses, and the wallets that they move."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import connection

from loyalty.kernel import bulk, ids, scope, telemetry
from members.ledger.models import Bucket, Entry, EntryKind, Lot, LotEnd, LotUse, Posting
from members.ledger.plans import EntryPlan

# Points that came from elsewhere in the ledger were earned before.
_EARNING = frozenset({EntryKind.EARN, EntryKind.ADJUST})
_BUCKETS = ("active", "pending", "reserved", "debt")


def post(plans: Sequence[EntryPlan]) -> list[int]:
    """Write plans whose wallets the caller holds locked; the new entries' ids, in the order of ``plans``.

    One statement a table, whatever the number of plans. The database refuses legs that do not sum to zero, a bucket below
    zero and a lot beyond its amount.
    """
    written = [plan for plan in plans if not plan.is_empty]
    if not written:
        return []
    for plan in written:
        plan.check()
    lot_count = sum(len(plan.lots) for plan in written)
    keys = ids.take(len(written) + lot_count)
    entry_ids, lot_ids = keys[: len(written)], iter(keys[len(written) :])
    _write_entries(written, entry_ids)
    _write_postings(written, entry_ids)
    uses = _write_lots(written, entry_ids, lot_ids)
    _take_from_lots(written, entry_ids, uses)
    _activate_lots(written)
    _move_ends(written, entry_ids)
    _move_wallets(written)
    _count_earned(written)
    spent = {plan.account_id: plan.effective_at for plan in written if plan.kind == EntryKind.REDEEM}
    if spent:
        keep_alive(spent)
    for plan in written:
        telemetry.POINTS_POSTED.labels(kind=plan.kind).inc()
    return entry_ids


def _write_entries(plans: Sequence[EntryPlan], entry_ids: Sequence[int]) -> None:
    program, actor = scope.program_id(), scope.actor()
    columns = [
        "id", "program", "account", "kind", "cause_kind", "cause_id", "request_key", "actor_kind", "actor_id",
        "reverses", "reason", "note", "occurred_at", "effective_at",
    ]  # fmt: skip
    bulk.insert(
        Entry,
        columns,
        [
            (
                entry_id, program, plan.account_id, plan.kind, plan.cause_kind, plan.cause_id, plan.request_key,
                actor.kind, actor.id, plan.reverses_id, plan.reason_id, plan.note, plan.occurred_at, plan.effective_at,
            )
            for entry_id, plan in zip(entry_ids, plans, strict=True)
        ],
    )  # fmt: skip


def _write_postings(plans: Sequence[EntryPlan], entry_ids: Sequence[int]) -> None:
    program = scope.program_id()
    rows = []
    for entry_id, plan in zip(entry_ids, plans, strict=True):
        sums: dict[tuple[int | None, int, str, int | None], int] = defaultdict(int)
        for leg in plan.legs:
            sums[leg.wallet_id, leg.point_type_id, leg.bucket, leg.partner_id] += leg.amount
        rows += [(program, entry_id, *key, amount) for key, amount in sums.items() if amount]
    bulk.insert(Posting, ["program", "entry", "wallet", "point_type", "bucket", "partner", "amount"], rows)


def _write_lots(
    plans: Sequence[EntryPlan], entry_ids: Sequence[int], lot_ids: Iterator[int]
) -> list[tuple[int, int, int]]:
    """Open the new lots; what they repaid of a debt at once, as (lot, entry, amount)."""
    program = scope.program_id()
    rows, uses = [], []
    for entry_id, plan in zip(entry_ids, plans, strict=True):
        for lot in plan.lots:
            lot_id = next(lot_ids)
            remaining = lot.amount - lot.repaid
            rows.append(
                (
                    lot_id, program, lot.wallet_id, entry_id, lot.amount, remaining, remaining > 0, lot.is_pending,
                    lot.earned_at, lot.activates_at, lot.expires_at, lot.rule, lot.version_id, lot.partner_id, lot.awaits,
                    lot.idle.days if lot.idle else None, lot.idle.months if lot.idle else None,
                )
            )  # fmt: skip
            if lot.repaid:
                uses.append((lot_id, entry_id, lot.repaid))
    columns = [
        "id", "program", "wallet", "entry", "amount", "remaining", "is_open", "is_pending", "earned_at", "activates_at",
        "expires_at", "rule", "version_id", "partner", "awaits", "idle_days", "idle_months",
    ]  # fmt: skip
    bulk.insert(Lot, columns, rows)
    return uses


def _take_from_lots(
    plans: Sequence[EntryPlan], entry_ids: Sequence[int], repaid: Sequence[tuple[int, int, int]]
) -> None:
    program = scope.program_id()
    takings: dict[tuple[int, int], int] = defaultdict(int)
    totals: dict[int, int] = defaultdict(int)
    for entry_id, plan in zip(entry_ids, plans, strict=True):
        for taking in plan.takings:
            takings[taking.lot_id, entry_id] += taking.amount
            totals[taking.lot_id] += taking.amount
    rows = [(lot_id, entry_id, amount) for (lot_id, entry_id), amount in takings.items() if amount] + list(repaid)
    bulk.insert(LotUse, ["program", "lot", "entry", "amount"], [(program, *row) for row in rows])
    if not totals:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE members_lot l SET remaining = l.remaining - t.amount, is_open = l.remaining - t.amount > 0
            FROM unnest(%s::bigint[], %s::bigint[]) AS t(id, amount) WHERE l.id = t.id
            """,
            [list(totals), list(totals.values())],
        )
        assert cursor.rowcount == len(totals), "a lot is not in this program"


def _activate_lots(plans: Sequence[EntryPlan]) -> None:
    activated = [lot_id for plan in plans for lot_id in plan.activated]
    if activated:
        Lot.objects.filter(pk__any=activated).update(is_pending=False)


def _move_ends(plans: Sequence[EntryPlan], entry_ids: Sequence[int]) -> None:
    """Let lots live longer. A lot whose end is not the one that the plan saw would mean a plan without the wallet's lock."""
    program = scope.program_id()
    rows = [
        (program, one.lot_id, entry_id, one.before, one.after)
        for entry_id, plan in zip(entry_ids, plans, strict=True)
        for one in plan.ends
    ]
    if not rows:
        return
    bulk.insert(LotEnd, ["program", "lot", "entry", "before", "after"], rows)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE members_lot l SET expires_at = e.after
            FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS e(id, before, after)
            WHERE l.id = e.id AND l.expires_at = e.before
            """,
            [[row[1] for row in rows], [row[3] for row in rows], [row[4] for row in rows]],
        )
        assert cursor.rowcount == len(rows), "a lot has another end than was seen"


def _move_wallets(plans: Sequence[EntryPlan]) -> None:
    moves: dict[int, list[int]] = {}
    touched: dict[int, int] = defaultdict(int)
    for plan in plans:
        for leg in plan.legs:
            if leg.wallet_id is not None:
                sums = moves.setdefault(leg.wallet_id, [0, 0, 0, 0])
                # A debt is the negative sum of its legs.
                sums[_BUCKETS.index(leg.bucket)] += -leg.amount if leg.bucket == "debt" else leg.amount
        for wallet_id in {leg.wallet_id for leg in plan.legs if leg.wallet_id is not None}:
            touched[wallet_id] += 1
    if not moves:
        return
    order = sorted(moves)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE members_wallet w SET active = w.active + m.active, pending = w.pending + m.pending,
                   reserved = w.reserved + m.reserved, debt = w.debt + m.debt, version = w.version + m.entries
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
                 AS m(id, active, pending, reserved, debt, entries)
            WHERE w.id = m.id
            """,
            [order, *([moves[wallet][bucket] for wallet in order] for bucket in range(4)), [touched[w] for w in order]],
        )
        assert cursor.rowcount == len(order), "a wallet is not in this program"


def _count_earned(plans: Sequence[EntryPlan]) -> None:
    """Bring the days of the wallets up to their lots. Whoever holds the wallets holds their days."""
    sums: dict[tuple[int, datetime], int] = defaultdict(int)
    for plan in plans:
        if plan.kind in _EARNING:
            for lot in plan.lots:
                sums[lot.wallet_id, lot.earned_at] += lot.amount
    if sums:
        gained = [(*key, amount) for key, amount in sums.items()]
        _add_to_days("SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[])", gained)
    lost = [
        (plan.account_id, leg.point_type_id, plan.reverses_id, -leg.amount)
        for plan in plans
        if plan.kind == EntryKind.REVERSE
        for leg in plan.legs
        if leg.bucket == Bucket.ISSUED
    ]
    if lost:
        # From the day of the earning, whatever has become of its points since: spent points still come back as a debt.
        _add_to_days(
            """SELECT w.id, e.occurred_at, r.amount
               FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
                    AS r(account_id, point_type_id, entry_id, amount)
               JOIN members_wallet w ON w.account_id = r.account_id AND w.point_type_id = r.point_type_id
               JOIN members_entry e ON e.id = r.entry_id""",
            lost,
        )


def keep_alive(activity: Mapping[int, datetime]) -> None:
    """Move the ends of points that end without activity: by account, when it was active. The wallets are locked.

    What ended before is over: the date is the truth.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE members_lot l SET expires_at = e.expires_at
            FROM (
              SELECT o.id, greatest(o.expires_at, (
                       (a.at AT TIME ZONE p.timezone) + make_interval(months => o.idle_months, days => o.idle_days)
                     ) AT TIME ZONE p.timezone) AS expires_at
              FROM unnest(%s::bigint[], %s::timestamptz[]) AS a(account_id, at)
              JOIN members_wallet w ON w.account_id = a.account_id JOIN programs_program p ON p.id = w.program_id
              JOIN members_lot o ON o.wallet_id = w.id AND o.is_open AND o.idle_days IS NOT NULL AND o.expires_at > a.at
            ) e WHERE l.id = e.id AND l.expires_at < e.expires_at
            """,
            [list(activity), list(activity.values())],
        )


def _add_to_days(source: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Add to days what ``source``, a constant query over the columns of ``rows``, gives as (wallet, instant, amount)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO members_earned_day (program_id, wallet_id, day, amount)
            SELECT p.id, m.wallet_id, (m.at AT TIME ZONE p.timezone)::date, sum(m.amount)
            FROM ({source}) AS m(wallet_id, at, amount) CROSS JOIN programs_program p
            WHERE p.id = %s GROUP BY 1, 2, 3
            ON CONFLICT (wallet_id, day) DO UPDATE SET amount = members_earned_day.amount + excluded.amount
            """,
            [*(list(column) for column in zip(*rows, strict=True)), scope.program_id()],
        )
