"""Paying a receipt with points, and giving a part of it back, under the wallet's lock and within the caller's transaction."""

from datetime import datetime

from members.ledger import plans
from members.ledger.models import Entry, EntryKind
from members.ledger.operations.lapsing import lots_to_spend, parts_of
from members.ledger.operations.locking import WalletFrozen, lock_wallets
from members.ledger.operations.moves import Cause
from members.ledger.operations.posting import post
from members.ledger.plans import EntryPlan, WalletView


def spend_into_debt(wallet_id: int, amount: int, *, cause: Cause, at: datetime, now: datetime) -> tuple[Entry, int]:
    """Spend what a till gave goods for while it had no line: what is no longer there becomes a debt.

    First expiring first, by what was good ``at`` that time; what lapsed until ``now`` is free. The entry, and what of it
    is missing.

    :raises WalletFrozen: the self-audit holds the wallet.
    """
    assert amount > 0, "spend a positive amount"
    wallet = lock_wallets([wallet_id])[wallet_id]
    if wallet.is_frozen:
        raise WalletFrozen()
    lots = lots_to_spend({wallet_id: wallet}, at=now).get(wallet_id, [])
    missing = max(0, amount - max(0, plans.available(wallet, lots, at)))
    plan = _plan(wallet, EntryKind.REDEEM, cause, at)
    plans.spend(plan, wallet, lots, amount, at=at, target="spent")
    return Entry.objects.get(pk=post([plan])[0]), missing


def give_back_part(entry: Entry, amount: int, *, already: int, cause: Cause, at: datetime) -> Entry:
    """Give ``amount`` of a spending back to the lots it came from, the last taken first, after ``already`` of it was.

    Each lot keeps the end it had: one that has ended expires again by the next sweep.
    """
    assert entry.kind == EntryKind.REDEEM, "only a spending is given back"
    wallet_id = entry.postings.filter(wallet__isnull=False).values_list("wallet_id", flat=True)[0]
    wallet = lock_wallets([wallet_id])[wallet_id]
    plan = _plan(wallet, EntryKind.CANCEL, cause, at)
    plan.reverses_id = entry.pk
    plans.give_back(plan, wallet, parts_of(entry), amount, already=already, at=at)
    found: Entry = Entry.objects.get(pk=post([plan])[0])
    return found


def _plan(wallet: WalletView, kind: str, cause: Cause, at: datetime) -> EntryPlan:
    return EntryPlan(
        account_id=wallet.account_id, kind=kind, cause_kind=cause.kind, cause_id=cause.id,
        request_key=cause.request_key, occurred_at=at, effective_at=at,
    )  # fmt: skip
