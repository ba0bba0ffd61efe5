"""Pending points that become usable: when their time comes, or when the event that they await arrives."""

from collections.abc import Collection
from datetime import datetime

from members.ledger import plans
from members.ledger.models import Entry, EntryKind, Lot
from members.ledger.operations.locking import lock_wallets
from members.ledger.operations.posting import post
from members.ledger.plans import EntryPlan, Leg, Taking, WalletView
from programs.setup.models import Program

EVENT = "event"


def activation(plan: EntryPlan, wallet: WalletView, lot: Lot, share: int) -> None:
    """Add to ``plan`` that a pending lot becomes usable; ``share`` percent of it repay a debt first."""
    repaid = plans.repayment(wallet, lot.remaining, share)
    plan.legs.append(Leg(wallet.id, wallet.point_type_id, "pending", -lot.remaining))
    if lot.remaining > repaid:
        plan.legs.append(Leg(wallet.id, wallet.point_type_id, "active", lot.remaining - repaid))
    if repaid:
        plan.legs.append(Leg(wallet.id, wallet.point_type_id, "debt", repaid))
        plan.takings.append(Taking(lot.pk, repaid))
        wallet.debt -= repaid
    plan.activated.append(lot.pk)


def activate_awaited(
    account_id: int, code: str, event_id: int, *, at: datetime, purchase_ids: Collection[int] | None = None
) -> list[Entry]:
    """Make points of an account usable that await the event of this code and were earned before it.

    With ``purchase_ids`` only those of these purchases. Safe beside the sweep: what is pending is read under the lock.
    """
    rows = Lot.objects.filter(
        wallet__account_id=account_id, is_open=True, is_pending=True, awaits=code, earned_at__lte=at
    )
    if purchase_ids is not None:
        rows = rows.filter(entry__cause_kind="purchase", entry__cause_id__in=list(purchase_ids))
    wallets = lock_wallets(set(rows.values_list("wallet_id", flat=True)))
    if not wallets:
        return []
    share = Program.objects.get().debt_share
    written = {
        key: EntryPlan(
            account_id=account_id, kind=EntryKind.ACTIVATE, cause_kind=EVENT, cause_id=event_id,
            request_key=f"event:{event_id}:{key}", occurred_at=at, effective_at=at,
        )
        for key in sorted(wallets)
    }  # fmt: skip
    for lot in rows.order_by("pk"):
        if lot.wallet_id in wallets:
            activation(written[lot.wallet_id], wallets[lot.wallet_id], lot, share)
    return list(Entry.objects.filter(pk__in=post(list(written.values()))).order_by("pk"))
