"""Wallets and their lots, read under the wallet's lock. Wallets are always locked in the order of their ids."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from loyalty.kernel import bulk, scope
from loyalty.kernel.errors import Refusal
from members.ledger.models import Lot, Wallet
from members.ledger.plans import LotView, WalletView
from programs.rules.life import Inactivity


class WalletFrozen(Refusal):
    """The self-audit found a breach in this wallet: spending waits until it is cleared."""

    code = "ledger.wallet_frozen"
    status = 409


class WalletMoved(Exception):
    """A wallet changed between reading and locking."""


_COLUMNS = ("id", "account_id", "point_type_id", "active", "pending", "debt", "credit_limit", "version", "is_frozen",
            "reserved")  # fmt: skip
# Asked on the way of every purchase. A list that is cut where it ends leaves a plan to be kept.
_OF_ACCOUNTS = f"""
    SELECT {", ".join(f"w.{name}" for name in _COLUMNS)}
    FROM (SELECT * FROM unnest(%s::bigint[]) AS k(account_id) LIMIT %s) k JOIN members_wallet w ON w.account_id = k.account_id
"""
_LOCK = f"SELECT {', '.join(_COLUMNS)} FROM members_wallet WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def open_wallets(account_ids: Sequence[int], point_type_ids: Sequence[int]) -> None:
    """Give each account a wallet of each point type that it lacks."""
    program = scope.program_id()
    rows = [(program, account, kind) for account in account_ids for kind in point_type_ids]
    defaults = (0, 0, 0, 0, 0, 0, False)
    bulk.insert(
        Wallet,
        [
            "program",
            "account",
            "point_type",
            "active",
            "pending",
            "reserved",
            "debt",
            "credit_limit",
            "version",
            "is_frozen",
        ],
        [(*row, *defaults) for row in rows],
        suffix="ON CONFLICT (account_id, point_type_id) DO NOTHING",
    )


def wallets_of(account_ids: Iterable[int]) -> dict[tuple[int, int], WalletView]:
    """Wallets of accounts by (account, point type), read without a lock."""
    wanted = list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(_OF_ACCOUNTS, [wanted, len(wanted)])
        return {(row[1], row[2]): WalletView(*row) for row in cursor.fetchall()}


def lock_wallets(wallet_ids: Iterable[int], *, expected: Mapping[int, int] | None = None) -> dict[int, WalletView]:
    """Lock wallets, in the order of their ids, and read them.

    :param expected: versions seen before; with any other version nothing may be written.
    :raises WalletMoved: a version differs from the expected one.
    """
    wanted = sorted(set(wallet_ids))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [wanted])
        views = {row[0]: WalletView(*row) for row in cursor.fetchall()}
    assert len(views) == len(wanted), "a wallet of another program, or none"
    if expected is not None and any(views[wallet].version != version for wallet, version in expected.items()):
        raise WalletMoved
    return views


def lock_accounts(account_ids: Iterable[int]) -> dict[int, dict[int, WalletView]]:
    """Lock every wallet of accounts, in the order of their ids, and read them; by account and point type."""
    found: dict[int, dict[int, WalletView]] = {account_id: {} for account_id in account_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {", ".join(_COLUMNS)} FROM {Wallet._meta.db_table} WHERE account_id = ANY(%s)
                ORDER BY id FOR NO KEY UPDATE""",
            [list(found)],
        )
        for row in cursor.fetchall():
            view = WalletView(*row)
            found[view.account_id][view.point_type_id] = view
    return found


def open_lots(wallet_ids: Iterable[int]) -> dict[int, list[LotView]]:
    """Open lots by wallet, first expiring first. Call it after :func:`lock_wallets`: the lock is what keeps them still."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT wallet_id, id, remaining, expires_at, is_pending, partner_id, entry_id, rule, idle_days, idle_months
            FROM {Lot._meta.db_table} WHERE wallet_id = ANY(%s) AND is_open
            ORDER BY wallet_id, expires_at NULLS LAST, id
            """,
            [sorted(set(wallet_ids))],
        )
        found: dict[int, list[LotView]] = defaultdict(list)
        for (
            wallet_id,
            key,
            remaining,
            expires_at,
            is_pending,
            partner_id,
            entry_id,
            rule,
            days,
            months,
        ) in cursor.fetchall():
            idle = None if days is None else Inactivity(days, months)
            found[wallet_id].append(LotView(key, remaining, expires_at, is_pending, partner_id, entry_id, rule, idle))
    return found
