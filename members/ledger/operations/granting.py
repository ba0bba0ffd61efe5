"""Points that a promotion takes away or a voucher gives, under the wallet's lock and within the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime

from members.ledger import plans
from members.ledger.models import Entry, EntryKind
from members.ledger.operations.adjusting import open_wallet
from members.ledger.operations.lapsing import lots_to_spend
from members.ledger.operations.locking import lock_wallets
from members.ledger.operations.moves import Cause
from members.ledger.operations.posting import post
from members.ledger.plans import Credit, EntryPlan
from programs.rules import life
from programs.setup.models import PointType, Program


@dataclass(frozen=True, slots=True)
class Burned:
    """What a deduction took, smallest units; ``missing`` was not there and is written off. No entry where nothing was."""

    entry_id: int | None
    taken: int
    missing: int


def burn(account_id: int, point_type_id: int, amount: int, *, cause: Cause, at: datetime) -> Burned:
    """Take up to ``amount`` smallest units that can be spent, first expiring first; nobody falls into debt by it.

    A wallet that the self-audit holds gives nothing.
    """
    assert amount > 0, "burn a positive amount"
    wallet_id = open_wallet(account_id, point_type_id).pk
    wallet = lock_wallets([wallet_id])[wallet_id]
    lots = lots_to_spend({wallet_id: wallet}, at=at).get(wallet_id, [])
    usable = sum(lot.remaining for lot in lots if lot.is_usable(at)) - wallet.debt
    taken = 0 if wallet.is_frozen else max(0, min(amount, usable))
    if not taken:
        return Burned(None, 0, amount)
    plan = _plan(account_id, EntryKind.REDEEM, cause, at)
    plans.spend(plan, wallet, lots, taken, at=at, target="spent")
    return Burned(post([plan])[0], taken, amount - taken)


def grant(account_id: int, point_type_id: int, amount: int, *, cause: Cause, at: datetime) -> Entry:
    """Give ``amount`` smallest units outside a purchase; they count and expire like earned ones, a debt is repaid first.

    :raises NotFound: no such account or point type here.
    """
    assert amount > 0, "grant a positive amount"
    wallet_id = open_wallet(account_id, point_type_id).pk
    wallet = lock_wallets([wallet_id])[wallet_id]
    program, point_type = Program.objects.get(), PointType.objects.get(pk=point_type_id)
    given = Credit(
        amount=amount, rule="", version_id=None, partner_id=None, activates_at=None,
        expires_at=life.ends_at(point_type.expiry, at, program.timezone), idle=life.inactivity(point_type.expiry),
    )  # fmt: skip
    plan = _plan(account_id, EntryKind.EARN, cause, at)
    plans.credit(plan, wallet, [given], at=at, source="issued", debt_share=program.debt_share)
    entry: Entry = Entry.objects.get(pk=post([plan])[0])
    return entry


def _plan(account_id: int, kind: str, cause: Cause, at: datetime) -> EntryPlan:
    return EntryPlan(
        account_id=account_id, kind=kind, cause_kind=cause.kind, cause_id=cause.id, request_key=cause.request_key,
        occurred_at=at, effective_at=at,
    )  # fmt: skip
