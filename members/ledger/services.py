"""Use cases of the ledger alone: corrections by hand, expiry, activation."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from loyalty.kernel import beside, scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations
from members.ledger.models import Entry, EntryKind, Lot
from members.ledger.operations.adjusting import Adjustment, NothingToDo, ReasonRefused
from members.ledger.operations.limits import AboveDailySum, AboveLimit
from members.ledger.plans import EntryPlan, WalletView
from programs.setup.models import Program

__all__ = ["AboveDailySum", "AboveLimit", "NothingToDo", "ReasonRefused", "activate_due", "adjust_points", "expire_all_due",
           "expire_due"]  # fmt: skip

CHUNK = 2000


def adjust_points(
    *,
    account_id: int,
    point_type_id: int,
    amount: int,
    reason_id: int,
    note: str,
    request_key: str,
    is_unlimited: bool,
    at: datetime,
    preview: bool = False,
) -> Entry:
    """Correct a balance by hand: ``amount`` smallest units, positive gives, negative takes first-expiring-first-out.

    A repeated ``request_key`` returns the first correction. New points repay a debt first and expire by the point type's
    rule. ``is_unlimited`` lifts an agent's limits.

    :raises ReasonRefused: the reason is not for this point type or direction.
    :raises AboveLimit: more than the reason allows an agent; :class:`AboveDailySum` with what was corrected today.
    :raises own.OwnAccount: the user in scope takes part in the account.
    :raises operations.InsufficientPoints: less is there than would be taken.
    """
    with unit_of_work(preview=preview):
        return operations.adjust(
            Adjustment(account_id, point_type_id, amount, reason_id, note), request_key=request_key,
            is_unlimited=is_unlimited, at=at,
        )  # fmt: skip


def _open_lots(accounts: Collection[int] | None) -> QuerySet[Lot]:
    lots = Lot.objects.filter(program_id=scope.program_id(), is_open=True)
    return lots if accounts is None else lots.filter(wallet__account_id__any=accounts)


def expire_due(
    *, at: datetime, accounts: Collection[int] | None = None, limit: int = CHUNK, lane: int | None = None
) -> int:
    """Expire one chunk of lots of the program in scope whose end has come by ``at``; how many.

    Call again until it answers 0. Safe against a spending at the same instant and safe to run twice: what expires is read
    under the wallet's lock. With ``accounts`` only theirs, with ``lane`` only every second wallet: sweeps of different
    accounts or lanes run side by side.
    """
    with unit_of_work():
        return operations.expire(at=at, accounts=accounts, limit=limit, lane=lane)


def expire_all_due(*, at: datetime, limit: int = CHUNK) -> int:
    """Expire all lots of the program in scope whose end has come by ``at``, chunk by chunk; how many.

    Where there are many, two lanes work side by side. Whoever dies in the middle leaves whole chunks behind, and the next
    sweep goes on.
    """
    expired = expire_due(at=at, limit=limit)
    if expired >= limit and beside.is_possible():
        with beside.opened() as second:
            waiting = second.begin(_expire_lane, at, limit, 1)
            try:
                expired += _expire_lane(at, limit, 0)
            finally:
                waiting.exception()
            expired += waiting.result()
    while count := expire_due(at=at, limit=limit):
        expired += count
    return expired


def _expire_lane(at: datetime, limit: int, lane: int) -> int:
    expired = 0
    while count := expire_due(at=at, limit=limit, lane=lane):
        expired += count
    return expired


def _plan_of(
    written: dict[tuple[int, datetime], EntryPlan], wallet: WalletView, instant: datetime, kind: str, at: datetime
) -> EntryPlan:
    if (wallet.id, instant) not in written:
        written[wallet.id, instant] = EntryPlan(
            account_id=wallet.account_id, kind=kind, cause_kind=kind, cause_id=wallet.id,
            request_key=f"{wallet.id}:{instant.isoformat()}:{at.isoformat()}", occurred_at=instant, effective_at=instant,
        )  # fmt: skip
    return written[wallet.id, instant]


def activate_due(*, at: datetime, accounts: Collection[int] | None = None, limit: int = CHUNK) -> int:
    """Make one chunk of pending lots of the program in scope usable whose time has come by ``at``; how many.

    A debt is repaid first, by the program's share. Call again until it answers 0; safe to run twice. With ``accounts`` only
    theirs.
    """
    with unit_of_work():
        due = _open_lots(accounts).filter(is_pending=True, activates_at__lte=at)
        # Whole wallets: all that counts from one instant is one entry.
        wallet_ids = set(due.order_by("activates_at").values_list("wallet_id", flat=True)[:limit])
        if not wallet_ids:
            return 0
        wallets = operations.lock_wallets(wallet_ids)
        share = Program.objects.get().debt_share
        fresh = Lot.objects.filter(wallet_id__any=wallet_ids, is_open=True, is_pending=True, activates_at__lte=at)
        written: dict[tuple[int, datetime], EntryPlan] = {}
        count = 0
        for lot in fresh.order_by("pk"):
            assert lot.activates_at is not None
            wallet = wallets[lot.wallet_id]
            plan = _plan_of(written, wallet, lot.activates_at, EntryKind.ACTIVATE, at)
            operations.activation(plan, wallet, lot, share)
            count += 1
        operations.post(list(written.values()))
    return count
