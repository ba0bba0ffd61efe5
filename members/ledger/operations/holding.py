"""Holding points for a till, under the wallet's lock and within the caller's transaction.

Lock order: the wallet, then the hold. A hold takes from lots as a spending does, so that nobody else can; whatever ends it
gives back to the very lots, and a taking spends from them.
"""

from dataclasses import dataclass
from datetime import datetime

from loyalty.kernel.errors import NotFound, Refusal
from members.ledger import plans
from members.ledger.models import Entry, EntryKind, Hold, HoldState, Wallet
from members.ledger.operations.lapsing import CAUSE, end, lots_to_spend, parts_of, release_plan
from members.ledger.operations.locking import WalletFrozen, lock_wallets
from members.ledger.operations.moves import Cause, InsufficientPoints, in_points
from members.ledger.operations.posting import post
from members.ledger.plans import EntryPlan, WalletView


class HoldEnded(Refusal):
    """The hold was taken, let go or lapsed before."""

    code = "ledger.hold_ended"
    status = 409


class HoldLapsed(HoldEnded):
    """The time of the hold is over."""

    code = "ledger.hold_lapsed"


class BeyondHold(Refusal):
    """More would be taken than is held."""

    code = "ledger.beyond_hold"
    status = 409
    field = "points"


@dataclass(frozen=True, slots=True)
class NewHold:
    """Points to be set aside: ``amount`` smallest units of one wallet until an instant, for a till of a source."""

    wallet_id: int
    member_id: int
    amount: int
    expires_at: datetime
    request_key: str
    source: str
    till: str = ""


def hold(wanted: NewHold, *, at: datetime) -> Hold:
    """Set points aside, first expiring first; a repeated request key gives the first hold.

    Nothing is held on credit: what is there, less the debt, is the most.

    :raises InsufficientPoints: less is there.
    :raises WalletFrozen: the self-audit holds the wallet.
    """
    assert wanted.amount > 0, "hold a positive amount"
    assert wanted.expires_at > at, "a hold has a time"
    wallet = lock_wallets([wanted.wallet_id])[wanted.wallet_id]
    if earlier := Hold.objects.filter(request_key=wanted.request_key).first():
        found: Hold = earlier
        return found
    if wallet.is_frozen:
        raise WalletFrozen()
    lots = lots_to_spend({wallet.id: wallet}, at=at).get(wallet.id, [])
    can_hold = sum(lot.remaining for lot in lots if lot.is_usable(at)) - wallet.debt
    if wanted.amount > can_hold:
        raise InsufficientPoints(
            available=in_points(max(can_hold, 0), wallet.point_type_id),
            needed=in_points(wanted.amount, wallet.point_type_id),
        )
    plan = _plan(wallet, EntryKind.HOLD, Cause(CAUSE, None, wanted.request_key), at)
    plans.hold(plan, wallet, lots, wanted.amount, at=at)
    made: Hold = Hold.objects.create(
        account_id=wallet.account_id, wallet_id=wallet.id, member_id=wanted.member_id, amount=wanted.amount,
        request_key=wanted.request_key, source=wanted.source, till=wanted.till, entry_id=post([plan])[0], held_at=at,
        expires_at=wanted.expires_at,
    )  # fmt: skip
    return made


def lock_hold(hold_id: int) -> Hold:
    """The hold with its wallet, both locked, the wallet first.

    :raises NotFound: no such hold here.
    """
    wallet_id = Hold.objects.filter(pk=hold_id).values_list("wallet_id", flat=True).first()
    if wallet_id is None:
        raise NotFound()
    lock_wallets([wallet_id])
    locked: Hold = Hold.objects.select_for_update(no_key=True, of=("self",)).get(pk=hold_id)
    return locked


def refuse_ended(row: Hold, at: datetime) -> None:
    """Refuse a hold that cannot be taken at ``at``.

    :raises HoldLapsed: its time is over, or was.
    :raises HoldEnded: it was taken or let go.
    """
    if row.state == HoldState.LAPSED or (row.state == HoldState.OPEN and at >= row.expires_at):
        raise HoldLapsed(until=row.expires_at.isoformat())
    if row.state != HoldState.OPEN:
        raise HoldEnded(state=row.state)


def capture(row: Hold, amount: int, *, cause: Cause, at: datetime, end_key: str = "") -> Entry:
    """Spend ``amount`` of a locked hold from the very lots; the rest goes back to its own.

    Points that were held before their end are good until the hold's end.

    :raises HoldEnded: it has ended.
    :raises BeyondHold: more than is held.
    """
    assert amount > 0, "take a positive amount"
    refuse_ended(row, at)
    wallet = lock_wallets([row.wallet_id])[row.wallet_id]
    if amount > row.amount:
        raise BeyondHold(
            held=in_points(row.amount, wallet.point_type_id), asked=in_points(amount, wallet.point_type_id)
        )
    parts = parts_of(row.entry)
    back, spent = release_plan(wallet, row, parts, at), _plan(wallet, EntryKind.REDEEM, cause, at)
    plans.spend_parts(spent, wallet, parts, amount)
    release_id, capture_id = post([back, spent])
    end(row, HoldState.CAPTURED, at, release_id, end_key=end_key, captured=amount, capture_entry_id=capture_id)
    entry: Entry = Entry.objects.get(pk=capture_id)
    return entry


def release(row: Hold, *, reason: str, at: datetime, end_key: str = "") -> None:
    """Let a locked hold go: its points return to the lots that they were taken from.

    :raises HoldEnded: it has ended.
    """
    refuse_ended(row, at)
    wallet = lock_wallets([row.wallet_id])[row.wallet_id]
    release_id = post([release_plan(wallet, row, parts_of(row.entry), at)])[0]
    end(row, HoldState.RELEASED, at, release_id, end_key=end_key, end_reason=reason)


def wallet_of(account_id: int, point_type_id: int, needed: int) -> int:
    """The key of the wallet to pay from.

    :raises InsufficientPoints: the account never had points of this type.
    """
    row = Wallet.objects.filter(account_id=account_id, point_type_id=point_type_id).values_list("pk", flat=True).first()
    if row is None:
        raise InsufficientPoints(available=in_points(0, point_type_id), needed=in_points(needed, point_type_id))
    return int(row)


def _plan(wallet: WalletView, kind: str, cause: Cause, at: datetime) -> EntryPlan:
    return EntryPlan(
        account_id=wallet.account_id, kind=kind, cause_kind=cause.kind, cause_id=cause.id,
        request_key=cause.request_key, occurred_at=at, effective_at=at,
    )  # fmt: skip
