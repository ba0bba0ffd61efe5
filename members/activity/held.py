"""What wallets held at a moment of their past, for the answers that say it again whatever has happened since."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from loyalty.kernel import scope
from members.ledger.models import EntryKind

# The moments are made ready first: beneath the walls an index is looked into for a plain value, not for a question.
_HELD = """
    WITH asked AS MATERIALIZED (
      SELECT a.number, a.account_id, coalesce(greatest(e.id, a.last_id), a.by_id) AS after_id
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])
           WITH ORDINALITY AS a(account_id, kind, request_key, by_id, last_id, number)
      LEFT JOIN members_entry e ON e.program_id = %s AND e.kind = a.kind AND e.request_key = a.request_key
    )
    SELECT a.number, t.code, w.active - s.active, w.pending - s.pending, w.reserved - s.reserved, w.debt + s.debt
    FROM asked a
    JOIN members_wallet w ON w.account_id = a.account_id
    JOIN programs_point_type t ON t.id = w.point_type_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(p.amount) FILTER (WHERE p.bucket = 'active'), 0) AS active,
             coalesce(sum(p.amount) FILTER (WHERE p.bucket = 'pending'), 0) AS pending,
             coalesce(sum(p.amount) FILTER (WHERE p.bucket = 'reserved'), 0) AS reserved,
             coalesce(sum(p.amount) FILTER (WHERE p.bucket = 'debt'), 0) AS debt
      FROM members_posting p
      WHERE p.wallet_id = w.id AND p.entry_id > a.after_id
    ) s
"""


class Held(NamedTuple):
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
                [one.account_id for one in moments],
                [one.kind.value for one in moments],
                [one.request_key for one in moments],
                [one.by_entry_id for one in moments],
                [one.last_entry_id for one in moments],
                scope.program_id(),
            ],
        )
        for number, code, *amounts in cursor.fetchall():
            found[number - 1][code] = Held(*map(int, amounts))
    return found
