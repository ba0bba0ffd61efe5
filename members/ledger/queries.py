"""Reads of the ledger, always within the programs in scope. Amounts are smallest units of the point type."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum

from members.ledger.models import HOLDING_KINDS, EarnedDay, Entry, Lot, Posting, Wallet
from programs.setup.models import PointType


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has of one point type."""

    point_type: str
    decimals: int
    is_spendable: bool
    active: int
    pending: int
    reserved: int
    debt: int

    @property
    def shown(self) -> int:
        """The balance as members see it: active less debt."""
        return self.active - self.debt


def balances(account_id: int) -> list[Balance]:
    """The account's balances in the program's order of point types; zero where it has no wallet yet."""
    wallets = {wallet.point_type_id: wallet for wallet in Wallet.objects.filter(account_id=account_id)}
    found = []
    for kind in PointType.objects.filter(archived_at__isnull=True).order_by("position", "pk"):
        wallet = wallets.get(kind.pk)
        found.append(
            Balance(
                point_type=kind.code,
                decimals=kind.decimals,
                is_spendable=kind.is_spendable,
                active=wallet.active if wallet else 0,
                pending=wallet.pending if wallet else 0,
                reserved=wallet.reserved if wallet else 0,
                debt=wallet.debt if wallet else 0,
            )
        )
    return found


def balance_as_of(wallet_id: int, instant: datetime, *, as_known_on: datetime | None = None) -> int:
    """Active less debt at a past instant, by effective time; with ``as_known_on`` only what was recorded until then."""
    legs = Posting.objects.filter(wallet_id=wallet_id, bucket__in=["active", "debt"], entry__effective_at__lte=instant)
    if as_known_on is not None:
        legs = legs.filter(entry__recorded_at__lte=as_known_on)
    return legs.aggregate(total=Sum("amount"))["total"] or 0


def lots(account_id: int) -> QuerySet[Lot]:
    """Open lots of an account, first expiring first."""
    open_lots = Lot.objects.filter(wallet__account_id=account_id, is_open=True)
    return open_lots.select_related("wallet__point_type", "entry").order_by("expires_at", "id")


def entries(account_id: int) -> QuerySet[Entry]:
    """The account's entries, newest first. What was held for a till and let go changed nothing and is left out."""
    rows = Entry.objects.filter(account_id=account_id).exclude(kind__in=HOLDING_KINDS)
    return rows.order_by("-effective_at", "-id")


def movements(entry_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """By entry: what it changed of each point type as members see it (active, pending and debt together)."""
    rows = (
        Posting.objects.filter(entry_id__in=list(entry_ids), wallet__isnull=False)
        .values_list("entry_id", "point_type__code")
        .annotate(amount=Sum("amount"))
    )
    found: dict[int, dict[str, int]] = {}
    for entry_id, code, amount in rows:
        found.setdefault(entry_id, {})[code] = amount
    return found


def expiring(account_id: int, until: datetime) -> int:
    """Spendable points of an account that expire before ``until``."""
    soon = Lot.objects.filter(
        wallet__account_id=account_id, wallet__point_type__is_spendable=True, is_open=True, expires_at__lt=until
    )
    return soon.aggregate(total=Sum("remaining"))["total"] or 0


def earned_by_day(account_ids: Iterable[int], point_type_id: int, since: date) -> dict[int, dict[date, int]]:
    """By account and local day: what was earned of a point type from ``since`` on, net of what returns took back."""
    rows = EarnedDay.objects.filter(
        wallet__account_id__any=account_ids, wallet__point_type_id=point_type_id, day__gte=since
    ).values_list("wallet__account_id", "day", "amount")
    found: dict[int, dict[date, int]] = {}
    for account_id, day, amount in rows:
        found.setdefault(account_id, {})[day] = amount
    return found
