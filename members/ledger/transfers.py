"""Moving points from one member to another."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.kernel import audit
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.callers import services as callers
from members.ledger import operations, outbox_types
from members.ledger.models import Entry
from members.ledger.operations import adjusting, transferring
from members.ledger.operations.transferring import TransferTerms
from members.profiles import own, restraining
from members.profiles import queries as profiles
from members.profiles.models import Member
from programs.setup import terms
from programs.setup.models import PointType, Program


class SameAccount(Refusal):
    """Sender and recipient share one account."""

    code = "ledger.same_account"
    field = "recipient"


class NotTransferable(Refusal):
    """Points of this type only count, they do not move."""

    code = "ledger.not_transferable"
    field = "type"


class MemberInactive(Refusal):
    """One of the two is blocked."""

    code = "ledger.member_inactive"
    status = 409


@dataclass(frozen=True, slots=True)
class Transferred:
    """A transfer: its two entries and, in smallest units, what left, what was kept back and what arrived."""

    out: Entry
    into: Entry
    amount: int
    fee: int

    @property
    def received(self) -> int:
        return self.amount - self.fee


def transfer_points(
    *,
    sender_id: int,
    recipient_id: int,
    point_type_id: int,
    amount: int,
    note: str,
    request_key: str,
    at: datetime,
    preview: bool = False,
) -> Transferred:
    """Move points of the sender's account to the recipient's, by the terms of the sender's region and program.

    ``amount`` smallest units leave, the fee is kept back of them. A repeated ``request_key`` returns the first transfer.

    :raises NotFound: no such member or point type here.
    :raises SameAccount: both share one account.
    :raises NotTransferable: the type only counts.
    :raises MemberInactive: one of them is blocked.
    :raises Malformed: nothing would arrive.
    :raises operations.InsufficientPoints: the sender has less.
    :raises transferring.BeyondDailyLimit: the sender has sent enough for a day.
    :raises callers.CallerUnchecked: a person moves them for a member whose call was not checked.
    :raises restraining.ContactChangedRecently: the sender's e-mail or phone changed lately.
    :raises own.OwnAccount: the user in scope takes part in one of the accounts.
    """
    if amount <= 0:
        raise Malformed(errors=[("points", "out_of_range")])
    with unit_of_work(preview=preview):
        sender, recipient = _member(sender_id), _member(recipient_id)
        point_type = PointType.objects.filter(pk=point_type_id, archived_at__isnull=True).first()
        if point_type is None:
            raise NotFound()
        if not point_type.is_spendable:
            raise NotTransferable(point_type=point_type.code)
        if not preview:
            callers.demand_check(sender.pk, at=at)
        restraining.refuse_held(sender.pk, at=at)
        accounts = [profiles.primary_account(one.pk) for one in (sender, recipient)]
        for account_id in accounts:
            own.refuse_own(account_id)
        if accounts[0] == accounts[1]:
            raise SameAccount()
        by_terms = _terms(sender, point_type)
        fee = by_terms.fee_of(amount)
        wallets = [adjusting.open_wallet(account_id, point_type.pk).pk for account_id in accounts]
        cause = operations.Cause("transfer", None, request_key)
        out, into, is_replay = transferring.transfer(
            wallets[0], wallets[1], amount, terms=by_terms, cause=cause, note=note, at=at
        )
        if not is_replay:
            audit.record("points.transferred", out, changes={"amount": (0, -amount), "fee": (0, fee)}, reason=note)
            outbox_types.add_posted(out, at)
            outbox_types.add_posted(into, at)
    return Transferred(out, into, amount, fee)


def _member(member_id: int) -> Member:
    member = Member.objects.filter(pk=member_id).select_related("region").first()
    if member is None:
        raise NotFound()
    if not member.is_active:
        raise MemberInactive(number=member.number)
    return member


def _terms(sender: Member, point_type: PointType) -> TransferTerms:
    program = Program.objects.get()
    most = terms.nearest(terms.TRANSFER_DAILY_POINTS, program, region=sender.region)
    return TransferTerms(
        daily_limit=None if most is None else int(most) * int(10**point_type.decimals),
        fee_percent=int(terms.nearest(terms.TRANSFER_FEE_PERCENT, program, region=sender.region)),
        restarts=terms.nearest(terms.TRANSFER_EXPIRY, program, region=sender.region) == "restart",
    )
