"""Reads of the ledger, always within the programs in scope. Amounts are smallest units of the point type."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import QuerySet, Sum

from loyalty.kernel import scope
from members.ledger.models import HOLDING_KINDS, Entry, Lot, Posting
from members.ledger.plans import WalletView

# The newest row of each tier that a member of the account has now.
BY_TIER = """
SELECT c.point_type_id, max(c.limit_now) AS most FROM members_account_member am
JOIN members_member_tier mt ON mt.member_id = am.member_id AND mt.ended_at IS NULL
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (t.point_type_id) t.point_type_id, t."limit" AS limit_now FROM members_tier_credit t
  WHERE t.tier_id = mt.tier_id ORDER BY t.point_type_id, t.id DESC
) c
WHERE am.account_id = %s AND am.is_primary GROUP BY c.point_type_id
"""
_HELD = """t.code, t.decimals, t.is_spendable,
  coalesce(w.active, 0), coalesce(w.pending, 0), coalesce(w.reserved, 0), coalesce(w.debt, 0)"""
_FROM = "programs_point_type t LEFT JOIN members_wallet w ON w.account_id = %s AND w.point_type_id = t.id"
_IN_ORDER = "WHERE t.program_id = ANY(%s::bigint[]) AND t.archived_at IS NULL ORDER BY t.position, t.id"
_BALANCES = f"SELECT {_HELD} FROM {_FROM} {_IN_ORDER}"
_KINDS = f"SELECT t.id, t.code, t.decimals, t.is_spendable FROM programs_point_type t {_IN_ORDER}"
_STANDING = f"""
SELECT {_HELD}, greatest(coalesce(w.credit_limit, 0), coalesce(given.most, 0))
FROM {_FROM} LEFT JOIN ({BY_TIER}) given ON given.point_type_id = t.id {_IN_ORDER}
"""
# The list is cut where it ends: the plan, made without knowing how long it is, is kept then.
_EARNED = """
SELECT w.account_id, d.day, d.amount FROM (SELECT * FROM unnest(%s::bigint[]) AS k(account_id) LIMIT %s) k
JOIN members_wallet w ON w.account_id = k.account_id AND w.point_type_id = %s
JOIN members_earned_day d ON d.wallet_id = w.id AND d.day >= %s
"""


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
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, [account_id, list(scope.current().programs)])
        return [Balance(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Kind:
    """A point type in which balances are told."""

    id: int
    code: str
    decimals: int
    is_spendable: bool


def kinds() -> list[Kind]:
    """The point types of which :func:`balances` tells, in the same order."""
    with connection.cursor() as cursor:
        cursor.execute(_KINDS, [list(scope.current().programs)])
        return [Kind(*row) for row in cursor.fetchall()]


def balances_of(wallets: Mapping[int, WalletView], kinds: Iterable[Kind]) -> list[Balance]:
    """The balances of an account as :func:`balances` reads them, by its wallets as they are held, by point type."""
    found = []
    for kind in kinds:
        view = wallets.get(kind.id)
        held = (view.active, view.pending, view.reserved, view.debt) if view is not None else (0, 0, 0, 0)
        found.append(Balance(kind.code, kind.decimals, kind.is_spendable, *held))
    return found


def standing(account_id: int) -> list[tuple[Balance, int]]:
    """The account's balances, each with the limit of credit in force: the higher of its own and what its tiers give."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [account_id, account_id, list(scope.current().programs)])
        return [(Balance(*row[:-1]), row[-1]) for row in cursor.fetchall()]


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
    accounts = list(account_ids)
    found: dict[int, dict[date, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_EARNED, [accounts, len(accounts), point_type_id, since])
        for account_id, day, amount in cursor.fetchall():
            found.setdefault(account_id, {})[day] = amount
    return found
