"""What wallets held at a moment of their past, for the answers that say it again whatever has happened since."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from loyalty.kernel import scope
from members.ledger.models import EntryKind

_HELD = """
    WITH asked AS (
      SELECT a.*, (SELECT max(e.id) FROM members_entry e
                   WHERE e.program_id = %s AND e.kind = a.kind AND e.request_key = a.request_key) AS own_id
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])
           WITH ORDINALITY AS a(account_id, kind, request_key, by_id, last_id, number)
    )
    SELECT a.number, t.code,
           w.active - coalesce(sum(p.amount) FILTER (WHERE p.bucket = 'active'), 0),
           w.pending - coalesce(sum(p.amount) FILTER (WHERE p.bucket = 'pending'), 0),
           w.reserved - coalesce(sum(p.amount) FILTER (WHERE p.bucket = 'reserved'), 0),
           w.debt + coalesce(sum(p.amount) FILTER (WHERE p.bucket = 'debt'), 0)
    FROM asked a
    JOIN members_wallet w ON w.account_id = a.account_id
    JOIN programs_point_type t ON t.id = w.point_type_id
    LEFT JOIN members_posting p ON p.wallet_id = w.id AND p.entry_id > coalesce(greatest(a.own_id, a.last_id), a.by_id)
    GROUP BY a.number, w.id, t.code
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What a wallet held at a moment of its past, in smallest units."""

    active: int = 0
    pending: int = 0
    reserved: int = 0
    debt: int = 0


@dataclass(frozen=True, slots=True)
class After:
    """The moment right after an account's entry of one fact, by its kind and key.

    ``last_entry_id`` is the last entry of the same fact, where it has more than one. Where that entry was never written,
    because nothing moved, it is the moment after every entry up to ``by_entry_id``.
    """

    account_id: int
    kind: EntryKind
    request_key: str
    by_entry_id: int
    last_entry_id: int | None = None


def held_after(moments: Sequence[After]) -> list[dict[str, Held]]:
    """What each account's wallets held by point type at its moment, whatever has happened since; in the order given.

    What came later is taken off the present wallets: there is little of it when a door answers.
    """
    found: list[dict[str, Held]] = [{} for _ in moments]
    with connection.cursor() as cursor:
        cursor.execute(
            _HELD,
            [
                scope.program_id(),
                [one.account_id for one in moments],
                [one.kind.value for one in moments],
                [one.request_key for one in moments],
                [one.by_entry_id for one in moments],
                [one.last_entry_id for one in moments],
            ],
        )
        for number, code, *amounts in cursor.fetchall():
            found[number - 1][code] = Held(*map(int, amounts))
    return found
