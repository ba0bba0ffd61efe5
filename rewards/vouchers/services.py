"""Use cases of vouchers: issuing by hand, using at a till, withdrawing, the end of their time."""

from datetime import datetime

from loyalty.kernel import audit, outbox
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations as ledger
from members.ledger.models import Entry, Wallet
from members.profiles import queries as profiles
from members.profiles.models import Member
from programs.setup.models import Program
from rewards.vouchers import operations, queries
from rewards.vouchers.models import Voucher, VoucherKind, VoucherState, VoucherTemplate, VoucherUse

LARGEST_SWEEP = 2000


class PoolEmpty(Refusal):
    """All imported codes of the template are given out."""

    code = "vouchers.pool_empty"
    status = 409


class MemberNeeded(Refusal):
    """A voucher for points that belongs to nobody is used for a member."""

    code = "vouchers.member_needed"
    field = "member"


class MemberBlocked(Refusal):
    """The member is blocked."""

    code = "vouchers.member_blocked"
    status = 409


def issue_voucher(*, member_id: int, template_code: str, request_key: str, at: datetime) -> Voucher:
    """Give a member a voucher by hand. A repeated ``request_key`` gives the first one.

    :raises NotFound: no such member, or no template with this code that is in use.
    :raises MemberBlocked: the member is blocked.
    :raises PoolEmpty: the template takes codes from a list and none is left.
    """
    with unit_of_work():
        member = Member.objects.select_for_update(no_key=True, of=("self",)).filter(pk=member_id).first()
        template = VoucherTemplate.objects.filter(code=template_code, archived_at__isnull=True).first()
        if member is None or template is None:
            raise NotFound()
        if earlier := Voucher.objects.filter(request_key=request_key).first():
            return queries.voucher_of(earlier.code)
        if not member.is_active:
            raise MemberBlocked()
        wanted = operations.Wanted(
            template=template, member_id=member.pk, account_id=profiles.primary_account(member.pk),
            cause_kind="hand", cause_id=None, request_key=request_key, at=at,
            valid_until=operations.end_of(template, at, Program.objects.get().zone),
        )  # fmt: skip
        issued = operations.issue([wanted])[0]
        if issued is None:
            raise PoolEmpty(template=template.code)
        audit.record("voucher.issued", issued, changes={"template": (None, template.code)})
    return queries.voucher_of(issued.code)


def use_voucher(
    *, code: str, member_id: int | None, receipt: str, store: str, request_key: str, at: datetime
) -> VoucherUse:
    """Use a voucher once. A repeated ``request_key`` returns the first use; of two tills the last use goes to one.

    A voucher for points gives them at once: to its member, else to the one named.

    :raises queries.UnknownVoucher: no such code here, or it belongs to another member than the one named.
    :raises operations.VoucherTakenBack: it was withdrawn.
    :raises operations.VoucherUsedUp: every use has been made.
    :raises operations.VoucherOver: its time is over.
    :raises MemberNeeded: it is for points, belongs to nobody, and nobody is named.
    """
    with unit_of_work():
        found = queries.voucher_of(code)
        if earlier := operations.earlier_use(request_key):
            return earlier
        if member_id is not None and found.member_id not in (None, member_id):
            raise queries.UnknownVoucher()
        owner = found.member_id or member_id
        account_id = None
        if found.template.kind == VoucherKind.POINTS:
            if owner is None:
                raise MemberNeeded()
            account_id = profiles.primary_account(owner)
            # Wallets before vouchers, whoever locks both.
            ledger.lock_wallets(Wallet.objects.filter(account_id=account_id).values_list("pk", flat=True))
        voucher = operations.lock_voucher(found.pk)
        if earlier := operations.earlier_use(request_key):
            return earlier
        operations.refuse_unusable(voucher, at)
        entry = _give_points(voucher, account_id, at) if account_id is not None else None
        operations.count_use(voucher)
        use: VoucherUse = VoucherUse.objects.create(
            voucher=voucher, member_id=owner, receipt=receipt, store=store, entry=entry, request_key=request_key,
            used_at=at,
        )  # fmt: skip
        audit.record("voucher.used", voucher, changes={"used": (voucher.used - 1, voucher.used)})
        outbox.add(operations.USED, subject="voucher", subject_id=voucher.pk, at=at, account_id=voucher.account_id)
    return use


def _give_points(voucher: Voucher, account_id: int, at: datetime) -> Entry:
    template = voucher.template
    assert template.point_type_id is not None, "a voucher for points names their type"
    assert template.value is not None, "a voucher for points says how many"
    cause = ledger.Cause("voucher", voucher.pk, f"voucher:{voucher.pk}:{voucher.used}")
    return ledger.grant(account_id, template.point_type_id, template.value, cause=cause, at=at)


def withdraw_voucher(*, code: str, reason: str, at: datetime) -> Voucher:
    """Withdraw a voucher: what is left of its uses is gone. One that was withdrawn before stays as it is.

    :raises queries.UnknownVoucher: no such code here.
    :raises operations.VoucherUsedUp: every use has been made.
    :raises Malformed: no reason.
    """
    if not reason.strip():
        raise Malformed(errors=[("reason", "required")])
    with unit_of_work():
        voucher = operations.lock_voucher(queries.voucher_of(code).pk)
        if voucher.state == VoucherState.WITHDRAWN:
            return voucher
        if voucher.state == VoucherState.USED:
            raise operations.VoucherUsedUp(uses=voucher.uses)
        before, voucher.state = voucher.state, VoucherState.WITHDRAWN
        voucher.withdrawn_at, voucher.withdraw_reason = at, reason.strip()[: operations.LONGEST_REASON]
        voucher.save(update_fields=["state", "withdrawn_at", "withdraw_reason"])
        audit.record("voucher.withdrawn", voucher, changes={"state": (before, voucher.state)}, reason=reason)
        outbox.add(operations.WITHDRAWN, subject="voucher", subject_id=voucher.pk, at=at, account_id=voucher.account_id)
    return voucher


def expire_due(*, at: datetime) -> int:
    """Mark issued vouchers whose time is over, a chunk of them; how many. Their date stopped them before."""
    with unit_of_work():
        rows = queries.due(at).select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by("pk")
        keys = list(rows.values_list("pk", flat=True)[:LARGEST_SWEEP])
        return Voucher.objects.filter(pk__in=keys).update(state=VoucherState.EXPIRED)
