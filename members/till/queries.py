"""Reads of checkouts, operations of tills and the holds that they made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from loyalty.kernel import scope
from loyalty.kernel.errors import NotFound
from members.ledger import operations as ledger
from members.ledger.models import Hold, HoldState, Wallet
from members.profiles.models import Member
from members.till.models import Checkout
from programs.setup.models import PointType

MOST_MISSING = 50


def checkout_of(public_id: UUID, source: str) -> Checkout:
    """The checkout of one of a source's tills.

    :raises NotFound: none here.
    """
    rows = Checkout.objects.filter(public_id=public_id, source=source)
    found = rows.select_related("hold__wallet__point_type", "purchase__location", "member").first()
    if found is None:
        raise NotFound()
    return found


def checkout_of_purchase(purchase_id: int) -> Checkout | None:
    """The checkout that a purchase was paid in, where it had one."""
    return Checkout.objects.filter(purchase_id=purchase_id).select_related("purchase", "hold").first()


@dataclass(frozen=True, slots=True)
class Spendable:
    """What an account can hold or pay with now: ``units`` smallest units of the type that is spent at tills."""

    point_type: PointType
    wallet_id: int | None
    units: int


def spendable(account_id: int, at: datetime, code: str | None = None) -> Spendable | None:
    """What can be spent of a point type (the first spendable one without ``code``), read without a lock.

    What lapsed is counted whether or not a sweep was there.
    """
    kinds = PointType.objects.filter(archived_at__isnull=True, is_spendable=True).order_by("position", "pk")
    kind = (kinds if code is None else kinds.filter(code=code)).first()
    if kind is None:
        return None
    wallet = Wallet.objects.filter(account_id=account_id, point_type=kind).first()
    if wallet is None:
        return Spendable(kind, None, 0)
    lots = ledger.open_lots([wallet.pk]).get(wallet.pk, [])
    free = ledger.reserved_but_free([wallet.pk], at=at).get(wallet.pk, 0) if wallet.reserved else 0
    usable = sum(lot.remaining for lot in lots if lot.is_usable(at)) + free - wallet.debt
    return Spendable(kind, wallet.pk, max(0, 0 if wallet.is_frozen else usable))


def missing_numbers(source: str, till: str) -> list[int]:
    """Numbers that a till left out between those that came, the newest gaps first, bounded."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n FROM (
              SELECT sequence, lag(sequence) OVER (ORDER BY sequence) AS before FROM (
                SELECT DISTINCT sequence FROM members_till_operation
                WHERE program_id = %s AND source = %s AND till = %s AND sequence IS NOT NULL
                ORDER BY sequence DESC LIMIT 2000
              ) newest
            ) pairs
            CROSS JOIN LATERAL generate_series(greatest(before + 1, sequence - %s), sequence - 1) AS n
            WHERE sequence > before + 1 ORDER BY n DESC LIMIT %s
            """,
            [scope.program_id(), source, till, MOST_MISSING, MOST_MISSING],
        )
        return sorted(int(row[0]) for row in cursor.fetchall())


def gaps_before(received_before: datetime) -> list[int]:
    """Operations that came before an instant, whose number follows one that has not come; those not told of yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.id FROM members_till_operation o
            WHERE o.program_id = %s AND o.sequence IS NOT NULL AND o.gap_found_at IS NULL AND o.received_at < %s
              AND o.received_at > %s::timestamptz - interval '7 days'
              AND NOT EXISTS (SELECT FROM members_till_operation b WHERE b.program_id = o.program_id
                              AND b.source = o.source AND b.till = o.till AND b.sequence = o.sequence - 1)
              AND EXISTS (SELECT FROM members_till_operation b WHERE b.program_id = o.program_id
                          AND b.source = o.source AND b.till = o.till AND b.sequence < o.sequence - 1)
            ORDER BY o.id
            """,
            [scope.program_id(), received_before, received_before],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def holds_of(member_id: int, most: int) -> Sequence[Hold]:
    """A member's open holds, the newest first."""
    rows: QuerySet[Hold] = Hold.objects.filter(member_id=member_id, state=HoldState.OPEN)
    return list(rows.select_related("wallet__point_type").order_by("-pk")[:most])


def hold_for_page(public_id: UUID) -> tuple[Hold, Member]:
    """A hold with the member it is of.

    :raises NotFound: none in this program.
    """
    found = Hold.objects.filter(public_id=public_id).select_related("wallet__point_type", "member").first()
    if found is None:
        raise NotFound()
    return found, found.member
