"""Corrections by hand, within the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.kernel import audit
from loyalty.kernel.errors import NotFound, Refusal
from members.ledger import outbox_types, plans
from members.ledger.models import Entry, EntryKind, Wallet
from members.ledger.operations import limits
from members.ledger.operations.lapsing import lots_to_spend
from members.ledger.operations.locking import WalletFrozen, lock_wallets, open_wallets
from members.ledger.operations.moves import InsufficientPoints, in_points
from members.ledger.operations.posting import post
from members.ledger.plans import Credit, EntryPlan, WalletView
from members.profiles import own
from members.profiles.models import Account
from programs.rules import life
from programs.setup.models import PointType, Program, ReasonCode


class ReasonRefused(Refusal):
    """The reason does not fit: archived, another point type, or the wrong direction."""

    code = "ledger.reason_refused"
    field = "reason"


class NothingToDo(Refusal):
    """A correction by zero."""

    code = "ledger.zero"
    field = "points"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A correction of an account: ``amount`` smallest units, positive gives, negative takes."""

    account_id: int
    point_type_id: int
    amount: int
    reason_id: int
    note: str


def check_reason(wanted: Adjustment, *, is_unlimited: bool) -> ReasonCode:
    """The reason of a correction.

    :raises NotFound: no such reason here, or archived.
    :raises NothingToDo: by zero.
    :raises ReasonRefused: the reason is not for this point type or direction.
    :raises limits.AboveLimit: more than the reason allows an agent, unless ``is_unlimited``.
    """
    reason: ReasonCode | None = ReasonCode.objects.filter(pk=wanted.reason_id, archived_at__isnull=True).first()
    if reason is None:
        raise NotFound()
    if wanted.amount == 0:
        raise NothingToDo()
    allowed = reason.allows_credit if wanted.amount > 0 else reason.allows_debit
    if reason.point_type_id != wanted.point_type_id or not allowed:
        raise ReasonRefused(reason=reason.code)
    if not is_unlimited:
        limits.refuse_above_limit(reason, wanted.amount)
    return reason


def adjust(wanted: Adjustment, *, request_key: str, is_unlimited: bool, at: datetime) -> Entry:
    """Correct a balance; a repeated ``request_key`` gives the first correction.

    :raises NotFound: no such account, point type or reason here.
    :raises own.OwnAccount: the user in scope takes part in the account.
    :raises limits.AboveDailySum: the actor has corrected enough for a day, unless ``is_unlimited``.
    :raises InsufficientPoints: less is there than would be taken.
    :raises WalletFrozen: points would be taken while the self-audit holds the wallet.
    """
    wallet = open_wallet(wanted.account_id, wanted.point_type_id)
    reason = check_reason(wanted, is_unlimited=is_unlimited)
    own.refuse_own(wanted.account_id)
    view = lock_wallets([wallet.pk])[wallet.pk]
    if earlier := Entry.objects.filter(kind=EntryKind.ADJUST, request_key=request_key).first():
        return earlier
    if not is_unlimited:
        limits.refuse_above_daily_sum(wanted.point_type_id, wanted.amount, at=at)
    plan = EntryPlan(
        account_id=wanted.account_id, kind=EntryKind.ADJUST, cause_kind="adjustment", cause_id=None,
        request_key=request_key, occurred_at=at, effective_at=at, reason_id=reason.pk, note=wanted.note,
    )  # fmt: skip
    _fill(plan, view, wanted.amount, at)
    entry: Entry = Entry.objects.get(pk=post([plan])[0])
    why = f"{reason.code} {wanted.note}".strip()
    audit.record("points.adjusted", entry, changes={"amount": (0, wanted.amount)}, reason=why)
    outbox_types.add_posted(entry, at)
    return entry


def open_wallet(account_id: int, point_type_id: int) -> Wallet:
    """The account's wallet, opened now when it has none of this type yet.

    :raises NotFound: no such account or point type here.
    """
    is_known = Account.objects.filter(pk=account_id).exists() and PointType.objects.filter(pk=point_type_id).exists()
    if not is_known:
        raise NotFound()
    open_wallets([account_id], [point_type_id])
    found: Wallet = Wallet.objects.get(account_id=account_id, point_type_id=point_type_id)
    return found


def _fill(plan: EntryPlan, view: WalletView, amount: int, at: datetime) -> None:
    program = Program.objects.get()
    if amount > 0:
        point_type = PointType.objects.get(pk=view.point_type_id)
        given = Credit(
            amount=amount, rule="", version_id=None, partner_id=None, activates_at=None,
            expires_at=life.ends_at(point_type.expiry, at, program.timezone), idle=life.inactivity(point_type.expiry),
        )  # fmt: skip
        plans.credit(plan, view, [given], at=at, source="adjusted", debt_share=program.debt_share)
        return
    if view.is_frozen:
        raise WalletFrozen()
    lots = lots_to_spend({view.id: view}, at=at).get(view.id, [])
    can_pay = sum(lot.remaining for lot in lots if lot.is_usable(at))
    if -amount > can_pay:
        raise InsufficientPoints(
            available=in_points(can_pay, view.point_type_id), needed=in_points(-amount, view.point_type_id)
        )
    plans.spend(plan, view, lots, -amount, at=at, target="adjusted")
