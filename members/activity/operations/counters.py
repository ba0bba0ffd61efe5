"""Limit counters: locked last, in the order of their keys, and compared with what the evaluation saw."""

from collections.abc import Mapping, Sequence

from django.db import connection

from loyalty.kernel import bulk, scope
from members.activity.periods import CounterKey
from programs.promotions.models import LimitCounter, LimitUse


class CounterMoved(Exception):
    """Somebody else took from a limit between the evaluation and the lock, so much that the evaluation no longer holds.

    :param keys: the counters that it takes from.
    """

    def __init__(self, keys: Sequence[CounterKey]) -> None:
        super().__init__()
        self.keys = keys


def _lock(keys: Sequence[CounterKey]) -> dict[CounterKey, tuple[int, int]]:
    """Counters by key: (id, used), locked in the order of their keys; missing ones are made."""
    program = scope.program_id()
    ordered = sorted(keys)
    bulk.insert(
        LimitCounter,
        ["program", "limit", "scope_key", "period_key", "stripe", "used"],
        [(program, *key, 0, 0) for key in ordered],
        suffix='ON CONFLICT (program_id, scope_key, period_key, "limit", stripe) DO NOTHING',
    )
    limits, scopes, periods = (list(part) for part in zip(*ordered, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, c."limit", c.scope_key, c.period_key, c.used FROM programs_limit_counter c
            JOIN unnest(%s::text[], %s::text[], %s::text[]) AS k("limit", scope_key, period_key)
              USING ("limit", scope_key, period_key)
            WHERE c.program_id = %s AND c.stripe = 0
            ORDER BY c."limit", c.scope_key, c.period_key FOR NO KEY UPDATE OF c
            """,
            [limits, scopes, periods, program],
        )
        return {(row[1], row[2], row[3]): (row[0], row[4]) for row in cursor.fetchall()}


def hold(keys: Sequence[CounterKey]) -> None:
    """Lock counters until the end of the transaction, so that nobody moves them between a reading and a taking."""
    _lock(keys)


def take_limits(
    uses: Mapping[int, Mapping[CounterKey, int]],
    seen: Mapping[CounterKey, int],
    slacks: Mapping[CounterKey, int | None],
) -> None:
    """Write what evaluations (by id) take from limits.

    :param seen: what each counter had when the evaluations read it.
    :param slacks: how much more of each may be used since then without a change to what they take; None for nothing.
    :raises CounterMoved: a counter has moved too far; nothing may be written.
    """
    totals: dict[CounterKey, int] = {}
    for taken in uses.values():
        for key, amount in taken.items():
            totals[key] = totals.get(key, 0) + amount
    if not totals:
        return
    locked = _lock(list(totals))
    for key in totals:
        moved, slack = locked[key][1] - seen.get(key, 0), slacks[key]
        if moved and (slack is None or moved > slack):
            raise CounterMoved(list(totals))
    _move({locked[key][0]: amount for key, amount in totals.items()})
    _write_uses(
        [(locked[key][0], evaluation, amount) for evaluation, taken in uses.items() for key, amount in taken.items()]
    )


def give_back_limits(amounts: Mapping[int, Mapping[CounterKey, int]]) -> None:
    """Give back to limits what returns (by the id of their evaluation) no longer use."""
    totals: dict[CounterKey, int] = {}
    for given in amounts.values():
        for key, amount in given.items():
            totals[key] = totals.get(key, 0) + max(0, amount)
    totals = {key: amount for key, amount in totals.items() if amount}
    if not totals:
        return
    locked = _lock(list(totals))
    _move({locked[key][0]: -amount for key, amount in totals.items()})
    _write_uses(
        [
            (locked[key][0], evaluation, -amount)
            for evaluation, given in amounts.items()
            for key, amount in given.items()
            if amount > 0
        ]
    )


def _move(amounts: Mapping[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE programs_limit_counter c SET used = c.used + m.amount
            FROM unnest(%s::bigint[], %s::bigint[]) AS m(id, amount) WHERE c.id = m.id
            """,
            [list(amounts), list(amounts.values())],
        )


def _write_uses(rows: Sequence[tuple[int, int, int]]) -> None:
    program = scope.program_id()
    bulk.insert(LimitUse, ["program", "counter", "evaluation", "amount"], [(program, *row) for row in rows])
