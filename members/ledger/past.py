"""What an account had at a past instant and what moved it since: by when it counts, and by when it was known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from loyalty.kernel import replica
from members.ledger.models import Bucket, Entry, Lot, LotEnd, LotUse, Posting, Wallet
from members.ledger.queries import Balance
from programs.setup.models import PointType

# Reserved points are the member's still: what is held and let go changes nothing.
USABLE = (Bucket.ACTIVE, Bucket.RESERVED, Bucket.DEBT)

# Purchases are written by another app, which stands on this one.
_RECEIPTS = {
    "purchase": "SELECT id, external_id FROM members_purchase WHERE id = ANY(%s)",
    "return": """SELECT r.id, u.external_id FROM members_return r JOIN members_purchase u ON u.id = r.purchase_id
                 WHERE r.id = ANY(%s)""",
}


@dataclass(frozen=True, slots=True)
class Movement:
    """What one entry did to one point type: to what can be spent (debts deducted), and to what is not usable yet.

    ``balance`` is what can be spent after it.
    """

    entry: Entry
    points: int
    pending: int
    balance: int


@dataclass(slots=True)
class Account:
    """One point type over a period, smallest units: closing = opening + the points of the movements."""

    point_type: PointType
    opening: int = 0
    opening_pending: int = 0
    movements: list[Movement] = field(default_factory=list)
    expiring: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def closing(self) -> int:
        """What could be spent at the end of the period, debts deducted."""
        return self.opening + sum(one.points for one in self.movements)

    @property
    def closing_pending(self) -> int:
        """What was not usable yet at the end of the period."""
        return self.opening_pending + sum(one.pending for one in self.movements)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say about it."""
        return not (self.opening or self.opening_pending or self.movements)


def legs_of(account_id: int, known_at: datetime | None) -> QuerySet[Posting]:
    """The account's own postings; with ``known_at`` only those recorded until then."""
    wallets = list(Wallet.objects.filter(account_id=account_id).values_list("pk", flat=True))
    legs = Posting.objects.filter(wallet_id__any=wallets)
    return legs if known_at is None else legs.filter(entry__recorded_at__lte=known_at)


def balances_at(account_id: int, as_of: datetime, *, known_at: datetime | None = None) -> list[Balance]:
    """The account's balances by what counts until ``as_of``; with ``known_at`` by what was recorded until then.

    In the program's order of point types. A bucket may be below zero at an instant of the past, where a spending was
    dated before the earning that paid for it.
    """
    legs = legs_of(account_id, known_at).filter(entry__effective_at__lte=as_of)
    sums: dict[int, dict[str, int]] = {}
    for type_id, bucket, units in legs.values_list("point_type_id", "bucket").annotate(units=Sum("amount")):
        sums.setdefault(type_id, {})[bucket] = units
    return [
        Balance(
            point_type=kind.code,
            decimals=kind.decimals,
            is_spendable=kind.is_spendable,
            active=sums.get(kind.pk, {}).get(Bucket.ACTIVE, 0),
            pending=sums.get(kind.pk, {}).get(Bucket.PENDING, 0),
            reserved=sums.get(kind.pk, {}).get(Bucket.RESERVED, 0),
            # A debt is the negative sum of its legs.
            debt=-sums.get(kind.pk, {}).get(Bucket.DEBT, 0),
        )
        for kind in PointType.objects.filter(archived_at__isnull=True).order_by("position", "pk")
    ]


def entry_count(account_id: int, since: datetime, until: datetime) -> int:
    """How many entries of the account count from ``since`` to before ``until``."""
    return Entry.objects.filter(account_id=account_id, effective_at__gte=since, effective_at__lt=until).count()


def account_of(account_id: int, since: datetime, until: datetime, *, known_at: datetime | None) -> list[Account]:
    """The account's point types over the period from ``since`` to before ``until``, in the program's order."""
    found = {kind.pk: Account(kind) for kind in PointType.objects.order_by("position", "pk")}
    legs = legs_of(account_id, known_at)
    _add_opening(found, legs.filter(entry__effective_at__lt=since))
    _add_movements(found, legs.filter(entry__effective_at__gte=since, entry__effective_at__lt=until))
    _add_expiring(found, account_id, until, known_at)
    return [one for one in found.values() if not one.is_empty]


def _sums() -> Mapping[str, Sum]:
    return {
        "usable": Sum("amount", filter=Q(bucket__in=USABLE), default=0),
        "waiting": Sum("amount", filter=Q(bucket=Bucket.PENDING), default=0),
    }


def _add_opening(found: Mapping[int, Account], legs: QuerySet[Posting]) -> None:
    for type_id, usable, waiting in legs.values_list("point_type_id").annotate(**_sums()):
        found[type_id].opening, found[type_id].opening_pending = usable, waiting


def _add_movements(found: Mapping[int, Account], legs: QuerySet[Posting]) -> None:
    rows = list(legs.values_list("entry_id", "point_type_id").annotate(**_sums()))
    entries: Mapping[int, Entry] = Entry.objects.select_related("reason").in_bulk({row[0] for row in rows})
    after = {type_id: one.opening for type_id, one in found.items()}
    for entry_id, type_id, usable, waiting in sorted(rows, key=lambda row: (entries[row[0]].effective_at, row[0])):
        if usable or waiting:
            after[type_id] += usable
            found[type_id].movements.append(Movement(entries[entry_id], usable, waiting, after[type_id]))


def _add_expiring(found: Mapping[int, Account], account_id: int, until: datetime, known_at: datetime | None) -> None:
    """What was left of each lot at the end of the period and ends after it, by its end."""
    lots = Lot.objects.filter(wallet__account_id=account_id, entry__effective_at__lt=until)
    uses = LotUse.objects.filter(lot__wallet__account_id=account_id, entry__effective_at__lt=until)
    lots, uses = (
        lots.annotate(end=_end("pk", "expires_at", known_at)),
        uses.annotate(end=_end("lot_id", "lot__expires_at", known_at)),
    )
    if known_at is not None:
        lots, uses = lots.filter(entry__recorded_at__lte=known_at), uses.filter(entry__recorded_at__lte=known_at)
    given = lots.filter(end__gte=until).values_list("wallet__point_type_id", "end").annotate(units=Sum("amount"))
    taken = uses.filter(end__gte=until).values_list("lot__wallet__point_type_id", "end").annotate(units=Sum("amount"))
    left: dict[tuple[int, datetime], int] = {}
    for sign, rows in ((1, given), (-1, taken)):
        for type_id, ends_at, units in rows:
            left[type_id, ends_at] = left.get((type_id, ends_at), 0) + sign * units
    for (type_id, ends_at), units in sorted(left.items()):
        if units:
            found[type_id].expiring.append((ends_at, units))


def _end(lot: str, present: str, known_at: datetime | None) -> Coalesce | F:
    """The end of a lot; with ``known_at`` the one it had before it was moved to later."""
    if known_at is None:
        return F(present)
    later = LotEnd.objects.filter(lot_id=OuterRef(lot), entry__recorded_at__gt=known_at)
    return Coalesce(Subquery(later.order_by("pk").values("before")[:1]), F(present))


def receipts_of(entries: Sequence[Entry]) -> dict[int, str]:
    """By entry: the number of the receipt that it comes from, where it comes from one."""
    found: dict[int, str] = {}
    for kind, sql in _RECEIPTS.items():
        causes = {one.pk: one.cause_id for one in entries if one.cause_kind == kind and one.cause_id is not None}
        if not causes:
            continue
        with replica.connection().cursor() as cursor:
            cursor.execute(sql, [sorted(set(causes.values()))])
            numbers = dict(cursor.fetchall())
        found |= {pk: numbers[cause] for pk, cause in causes.items() if cause in numbers}
    return found
