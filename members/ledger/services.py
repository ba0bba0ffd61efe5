"""Use cases of the ledger alone: corrections by hand, expiry, activation."""

from datetime import datetime

from loyalty.kernel import audit, scope
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations, outbox_types, plans
from members.ledger.models import Entry, EntryKind, Lot, Wallet
from members.ledger.plans import Credit, EntryPlan, Leg, WalletView
from members.profiles.models import Account
from programs.rules import life
from programs.setup.models import PointType, Program, ReasonCode

CHUNK = 2000


class ReasonRefused(Refusal):
    """The reason does not fit: archived, another point type, or the wrong direction."""

    code = "ledger.reason_refused"


class AboveLimit(Refusal):
    """More than the actor may correct at once with this reason."""

    code = "ledger.above_limit"
    status = 403


class NothingToDo(Refusal):
    """A correction by zero."""

    code = "ledger.zero"


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
    rule. ``is_unlimited`` lifts the reason's limit for an agent.

    :raises ReasonRefused: the reason is not for this point type or direction.
    :raises AboveLimit: more than the reason allows an agent.
    :raises operations.InsufficientPoints: less is there than would be taken.
    """
    with unit_of_work(preview=preview):
        wallet = _wallet(account_id, point_type_id)
        reason = ReasonCode.objects.filter(pk=reason_id, archived_at__isnull=True).first()
        if wallet is None or reason is None:
            raise NotFound()
        if amount == 0:
            raise NothingToDo()
        allowed = reason.allows_credit if amount > 0 else reason.allows_debit
        if reason.point_type_id != point_type_id or not allowed:
            raise ReasonRefused(reason=reason.code)
        if abs(amount) > reason.agent_limit and not is_unlimited:
            raise AboveLimit(
                limit=operations.in_points(reason.agent_limit, point_type_id),
                asked=operations.in_points(abs(amount), point_type_id),
            )
        view = operations.lock_wallets([wallet.pk])[wallet.pk]
        if earlier := Entry.objects.filter(kind=EntryKind.ADJUST, request_key=request_key).first():
            return earlier
        plan = EntryPlan(
            account_id=account_id, kind=EntryKind.ADJUST, cause_kind="adjustment", cause_id=None,
            request_key=request_key, occurred_at=at, effective_at=at, reason_id=reason.pk, note=note,
        )  # fmt: skip
        _fill_adjustment(plan, view, amount, at)
        entry = Entry.objects.get(pk=operations.post([plan])[0])
        audit.record("points.adjusted", entry, changes={"amount": (0, amount)}, reason=f"{reason.code} {note}".strip())
        outbox_types.add_posted(entry, at)
    return entry


def _wallet(account_id: int, point_type_id: int) -> Wallet | None:
    """The wallet, opened now when the account has none of this type yet; nothing when there is no such account or type."""
    is_known = Account.objects.filter(pk=account_id).exists() and PointType.objects.filter(pk=point_type_id).exists()
    if is_known:
        operations.open_wallets([account_id], [point_type_id])
    return Wallet.objects.filter(account_id=account_id, point_type_id=point_type_id).first()


def _fill_adjustment(plan: EntryPlan, view: WalletView, amount: int, at: datetime) -> None:
    program = Program.objects.get()
    if amount > 0:
        point_type = PointType.objects.get(pk=view.point_type_id)
        given = Credit(
            amount=amount, rule="", version_id=None, partner_id=None, activates_at=None,
            expires_at=life.ends_at(point_type.expiry, at, program.timezone),
        )  # fmt: skip
        plans.credit(plan, view, [given], at=at, source="adjusted", debt_share=program.debt_share)
        return
    if view.is_frozen:
        raise operations.WalletFrozen()
    lots = operations.open_lots([view.id]).get(view.id, [])
    can_pay = sum(lot.remaining for lot in lots if lot.is_usable(at))
    if -amount > can_pay:
        raise operations.InsufficientPoints(
            available=operations.in_points(can_pay, view.point_type_id),
            needed=operations.in_points(-amount, view.point_type_id),
        )
    plans.spend(plan, view, lots, -amount, at=at, target="adjusted")


def expire_due(*, at: datetime, limit: int = CHUNK) -> int:
    """Expire one chunk of lots of the program in scope whose end has come by ``at``; how many.

    Call again until it answers 0. Safe against a spending at the same instant and safe to run twice: what expires is read
    under the wallet's lock.
    """
    with unit_of_work():
        due = Lot.objects.filter(program_id=scope.program_id(), is_open=True, expires_at__lte=at)
        wallet_ids = set(due.order_by("expires_at").values_list("wallet_id", flat=True)[:limit])
        if not wallet_ids:
            return 0
        wallets = operations.lock_wallets(wallet_ids)
        written: dict[tuple[int, datetime], EntryPlan] = {}
        count = 0
        for wallet_id, lots in operations.open_lots(wallet_ids).items():
            for lot in lots:
                if lot.expires_at is None or lot.expires_at > at:
                    continue
                count += 1
                plan = _plan_of(written, wallets[wallet_id], lot.expires_at, EntryKind.EXPIRE, at)
                for partner_id, amount in plans.take(plan, wallets[wallet_id], [lot], lot.remaining).items():
                    plan.legs.append(Leg(None, wallets[wallet_id].point_type_id, "expired", amount, partner_id))
        operations.post(list(written.values()))
    return count


def _plan_of(
    written: dict[tuple[int, datetime], EntryPlan], wallet: WalletView, instant: datetime, kind: str, at: datetime
) -> EntryPlan:
    if (wallet.id, instant) not in written:
        written[wallet.id, instant] = EntryPlan(
            account_id=wallet.account_id, kind=kind, cause_kind=kind, cause_id=wallet.id,
            request_key=f"{wallet.id}:{instant.isoformat()}:{at.isoformat()}", occurred_at=instant, effective_at=instant,
        )  # fmt: skip
    return written[wallet.id, instant]


def activate_due(*, at: datetime, limit: int = CHUNK) -> int:
    """Make one chunk of pending lots of the program in scope usable whose time has come by ``at``; how many.

    A debt is repaid first, by the program's share. Call again until it answers 0; safe to run twice.
    """
    with unit_of_work():
        due = Lot.objects.filter(program_id=scope.program_id(), is_open=True, is_pending=True, activates_at__lte=at)
        chunk = list(due.order_by("activates_at").values_list("pk", "wallet_id")[:limit])
        if not chunk:
            return 0
        wallets = operations.lock_wallets({wallet_id for _lot, wallet_id in chunk})
        share = Program.objects.get().debt_share
        fresh = Lot.objects.filter(pk__in=[lot_id for lot_id, _wallet in chunk], is_open=True, is_pending=True)
        written: dict[tuple[int, datetime], EntryPlan] = {}
        count = 0
        for lot in fresh.order_by("pk"):
            assert lot.activates_at is not None
            wallet = wallets[lot.wallet_id]
            plan = _plan_of(written, wallet, lot.activates_at, EntryKind.ACTIVATE, at)
            repaid = plans.repayment(wallet, lot.remaining, share)
            plan.legs.append(Leg(wallet.id, wallet.point_type_id, "pending", -lot.remaining))
            if lot.remaining > repaid:
                plan.legs.append(Leg(wallet.id, wallet.point_type_id, "active", lot.remaining - repaid))
            if repaid:
                plan.legs.append(Leg(wallet.id, wallet.point_type_id, "debt", repaid))
                plan.takings.append(plans.Taking(lot.pk, repaid))
                wallet.debt -= repaid
            plan.activated.append(lot.pk)
            count += 1
        operations.post(list(written.values()))
    return count
