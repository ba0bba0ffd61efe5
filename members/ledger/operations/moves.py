"""Spending, giving back and taking back, under the wallet's lock and within the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from loyalty.kernel import money
from loyalty.kernel.errors import NotFound, Refusal
from members.ledger import plans
from members.ledger.models import Entry, EntryKind, LotUse, Posting
from members.ledger.operations.crediting import tier_limits
from members.ledger.operations.lapsing import lots_to_spend
from members.ledger.operations.locking import WalletFrozen, lock_wallets
from members.ledger.operations.posting import post
from members.ledger.plans import EntryPlan, Leg, LotView, NewLot, Taking, WalletView
from programs.setup.models import PointType


class InsufficientPoints(Refusal):
    """The wallet cannot pay."""

    code = "ledger.insufficient_points"
    status = 409


@dataclass(frozen=True, slots=True)
class Cause:
    """Why points move: the kind and key of the fact, and the key that makes it happen once."""

    kind: str
    id: int | None
    request_key: str


def in_points(units: int, point_type_id: int) -> str:
    """Smallest units as the decimal text that people and machines read."""
    return money.to_text(units, PointType.objects.values_list("decimals", flat=True).get(pk=point_type_id))


def _plan(wallet: WalletView, kind: str, cause: Cause, at: datetime) -> EntryPlan:
    return EntryPlan(
        account_id=wallet.account_id, kind=kind, cause_kind=cause.kind, cause_id=cause.id,
        request_key=cause.request_key, occurred_at=at, effective_at=at,
    )  # fmt: skip


def spend(wallet_id: int, amount: int, *, cause: Cause, at: datetime) -> Entry:
    """Spend ``amount`` smallest units, first expiring first; into debt up to the account's credit limit or its tier's.

    :raises InsufficientPoints: less is available.
    :raises WalletFrozen: the self-audit holds the wallet.
    """
    wallets = lock_wallets([wallet_id])
    lots = lots_to_spend(wallets, at=at).get(wallet_id, [])
    return Entry.objects.get(pk=post([spending(wallets[wallet_id], lots, amount, cause=cause, at=at)])[0])


def spending(wallet: WalletView, lots: Sequence[LotView], amount: int, *, cause: Cause, at: datetime) -> EntryPlan:
    """What spends as :func:`spend` does, from a locked wallet and its lots; moves both along, writes nothing.

    :raises InsufficientPoints: less is available.
    :raises WalletFrozen: the self-audit holds the wallet.
    """
    assert amount > 0, "spend a positive amount"
    if wallet.is_frozen:
        raise WalletFrozen()
    can_pay = plans.available(wallet, lots, at)
    if amount > can_pay:
        # Asked only where the own limit does not do: most programs have no credit by tier.
        by_tier = tier_limits(wallet.account_id).get(wallet.point_type_id, 0)
        can_pay += max(0, by_tier - wallet.credit_limit)
    if amount > can_pay:
        raise InsufficientPoints(
            available=in_points(max(can_pay, 0), wallet.point_type_id), needed=in_points(amount, wallet.point_type_id)
        )
    plan = _plan(wallet, EntryKind.REDEEM, cause, at)
    plans.spend(plan, wallet, lots, amount, at=at, target="spent")
    return plan


def give_back(entry: Entry, *, cause: Cause, at: datetime) -> Entry:
    """Undo a spending whole: points go back to the lots they came from, with the expiry they had.

    A lot that expired meanwhile gets its points back too and expires again by the next sweep: nothing lives longer than
    it was promised.
    """
    assert entry.kind == EntryKind.REDEEM, "only a spending is given back"
    legs = list(Posting.objects.filter(entry=entry))
    wallet_ids = {leg.wallet_id for leg in legs if leg.wallet_id is not None}
    wallets = lock_wallets(wallet_ids)
    if Entry.objects.filter(reverses=entry, kind=EntryKind.CANCEL).exists():
        raise NotFound()
    plan = _plan(next(iter(wallets.values())), EntryKind.CANCEL, cause, at)
    plan.reverses_id = entry.pk
    plan.legs = [Leg(leg.wallet_id, leg.point_type_id, leg.bucket, -leg.amount, leg.partner_id) for leg in legs]
    uses = LotUse.objects.filter(entry=entry).values_list("lot_id").annotate(amount=Sum("amount"))
    plan.takings = [Taking(lot_id, -amount) for lot_id, amount in uses]
    _repay_with(plan, wallets)
    return Entry.objects.get(pk=post([plan])[0])


def _repay_with(plan: EntryPlan, wallets: dict[int, WalletView]) -> None:
    """Lift the debt that the spending made. What was repaid meanwhile comes back as points that do not expire."""
    for leg in list(plan.legs):
        if leg.bucket != "debt" or leg.wallet_id is None:
            continue
        repaid = max(0, leg.amount - wallets[leg.wallet_id].debt)
        if not repaid:
            continue
        plan.legs.remove(leg)
        if leg.amount > repaid:
            plan.legs.append(Leg(leg.wallet_id, leg.point_type_id, "debt", leg.amount - repaid))
        plan.legs.append(Leg(leg.wallet_id, leg.point_type_id, "active", repaid))
        plan.lots.append(
            NewLot(
                wallet_id=leg.wallet_id, amount=repaid, repaid=0, earned_at=plan.occurred_at, activates_at=None,
                expires_at=None, rule="", version_id=None, partner_id=None, is_pending=False,
            )
        )  # fmt: skip
