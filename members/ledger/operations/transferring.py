"""Moving points between accounts, under the locks of both wallets and within the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from loyalty.kernel.errors import Refusal
from members.ledger import plans
from members.ledger.models import Bucket, Entry, EntryKind, Posting
from members.ledger.operations.lapsing import lots_to_spend
from members.ledger.operations.locking import WalletFrozen, lock_wallets
from members.ledger.operations.moves import Cause, InsufficientPoints, in_points
from members.ledger.operations.posting import post
from members.ledger.plans import Credit, EntryPlan, Leg, LotView, WalletView
from programs.rules import life
from programs.rules.dates import start_of
from programs.setup.models import PointType, Program

# No promotion's code is written in small letters: lots with it were not earned on this account.
RULE = "transfer"


class BeyondDailyLimit(Refusal):
    """More than an account may send in a day."""

    code = "ledger.transfer_limit"
    status = 409
    field = "points"


@dataclass(frozen=True, slots=True)
class TransferTerms:
    """How points move: ``daily_limit`` smallest units (none: no end), ``fee_percent`` of each, end kept or begun anew."""

    daily_limit: int | None
    fee_percent: int
    restarts: bool

    def fee_of(self, amount: int) -> int:
        """What is kept back of ``amount``, rounded down."""
        return amount * self.fee_percent // 100


def transfer(
    sender_id: int, recipient_id: int, amount: int, *, terms: TransferTerms, cause: Cause, note: str, at: datetime
) -> tuple[Entry, Entry, bool]:
    """Move ``amount`` smallest units, the fee included, from one wallet to another of the same point type.

    First expiring first; each part arrives as a lot of its payer, with its end or, where the program begins it anew,
    with the end that points of today have. A debt of the recipient is repaid by the program's share. The two entries,
    out and in, are written at once; a repeated request key gives the first two, and the last value says so.

    :raises InsufficientPoints: less is there, debts deducted. Nobody gives away points on credit.
    :raises BeyondDailyLimit: more than the account may send in a day.
    :raises WalletFrozen: the self-audit holds the sender's wallet.
    """
    wallets = lock_wallets([sender_id, recipient_id])
    sender, recipient = wallets[sender_id], wallets[recipient_id]
    keys = (f"{cause.request_key}:out", f"{cause.request_key}:in")
    if earlier := _entries(keys):
        return *earlier, True
    if sender.is_frozen:
        raise WalletFrozen()
    program = Program.objects.get()
    _check_limit(sender, amount, terms, program, at)
    lots = lots_to_spend({sender_id: sender}, at=at).get(sender_id, [])
    can_send = sum(lot.remaining for lot in lots if lot.is_usable(at)) - sender.debt
    if amount > can_send:
        raise InsufficientPoints(
            available=in_points(max(can_send, 0), sender.point_type_id), needed=in_points(amount, sender.point_type_id)
        )
    out, into = (_plan(wallet, key, cause, note, at) for wallet, key in zip((sender, recipient), keys, strict=True))
    parts = _take(out, sender, lots, amount, terms, at)
    _give(into, recipient, parts, program, at, restarts=terms.restarts)
    post([out, into])
    found = _entries(keys)
    assert found is not None, "both entries were written just now"
    return *found, False


def _entries(keys: tuple[str, str]) -> tuple[Entry, Entry] | None:
    found = {row.request_key: row for row in Entry.objects.filter(kind=EntryKind.TRANSFER, request_key__in=keys)}
    return (found[keys[0]], found[keys[1]]) if found else None


def _check_limit(sender: WalletView, amount: int, terms: TransferTerms, program: Program, at: datetime) -> None:
    if terms.daily_limit is None:
        return
    midnight = start_of(at.astimezone(program.zone).date(), program.zone)
    today = Entry.objects.filter(account_id=sender.account_id, kind=EntryKind.TRANSFER, effective_at__gte=midnight)
    sent = Posting.objects.filter(entry__in=today, wallet_id=sender.id, bucket=Bucket.ACTIVE, amount__lt=0)
    used = -(sent.aggregate(total=Sum("amount"))["total"] or 0)
    if used + amount > terms.daily_limit:
        raise BeyondDailyLimit(
            limit=in_points(terms.daily_limit, sender.point_type_id),
            left=in_points(max(0, terms.daily_limit - used), sender.point_type_id),
        )


def _plan(wallet: WalletView, key: str, cause: Cause, note: str, at: datetime) -> EntryPlan:
    return EntryPlan(
        account_id=wallet.account_id, kind=EntryKind.TRANSFER, cause_kind=cause.kind, cause_id=cause.id,
        request_key=key, occurred_at=at, effective_at=at, note=note,
    )  # fmt: skip


def _take(
    plan: EntryPlan, wallet: WalletView, lots: Sequence[LotView], amount: int, terms: TransferTerms, at: datetime
) -> list[tuple[LotView, int]]:
    """Take ``amount`` from the lots; what of each goes on to the recipient. The fee is kept of the last ones."""
    parts: list[tuple[LotView, int]] = []
    sent = amount - terms.fee_of(amount)
    for lot in plans.queue(lots, at):
        for partner_id, taken in plans.take(plan, wallet, [lot], amount).items():
            amount -= taken
            goes_on = min(taken, sent)
            sent -= goes_on
            if goes_on:
                plan.legs.append(Leg(None, wallet.point_type_id, Bucket.TRANSFERRED, goes_on, partner_id))
                parts.append((lot, goes_on))
            if taken > goes_on:
                plan.legs.append(Leg(None, wallet.point_type_id, Bucket.ADJUSTED, taken - goes_on, partner_id))
    assert amount == 0, "the lots hold what was counted"
    return parts


def _give(
    plan: EntryPlan,
    wallet: WalletView,
    parts: Sequence[tuple[LotView, int]],
    program: Program,
    at: datetime,
    *,
    restarts: bool,
) -> None:
    terms = PointType.objects.get(pk=wallet.point_type_id).expiry
    anew = life.ends_at(terms, at, program.timezone)
    credits = [
        Credit(
            amount=amount, rule=RULE, version_id=None, partner_id=lot.partner_id, activates_at=None,
            expires_at=anew if restarts else lot.expires_at, idle=life.inactivity(terms) if restarts else lot.idle,
        )
        for lot, amount in parts
    ]  # fmt: skip
    plans.credit(plan, wallet, credits, at=at, source=Bucket.TRANSFERRED, debt_share=program.debt_share)
