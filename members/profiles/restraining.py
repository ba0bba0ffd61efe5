"""Blocking and unblocking a member, and letting spending go on after a change of contact."""

from datetime import datetime

from loyalty.kernel import audit, scope
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.profiles import operations, own, queries
from members.profiles.models import Block, ContactChange, Member, MemberStatus


class NoReason(Refusal):
    """Whoever holds a member back, or lets go, says why."""

    code = "members.no_reason"
    field = "reason"


class AlreadyBlocked(Refusal):
    """Somebody blocked the member before."""

    code = "members.already_blocked"
    status = 409


class NotBlocked(Refusal):
    """There is no block to lift."""

    code = "members.not_blocked"
    status = 409


class NotHeld(Refusal):
    """Spending is not held: nothing changed lately, or somebody let it go on before."""

    code = "members.not_held"
    status = 409


class ContactChangedRecently(Refusal):
    """E-mail or phone changed: until ``until`` nothing is spent, so that whoever had them before can object."""

    code = "members.contact_changed_recently"
    status = 409


def refuse_held(member_id: int, *, at: datetime) -> None:
    """Refuse to spend for a member whose contact changed lately. Earning goes on.

    :raises ContactChangedRecently: with the instant from which points can be spent again.
    """
    refuse_until(queries.spending_holds([member_id], at).get(member_id), at=at)


def refuse_until(until: datetime | None, *, at: datetime) -> None:
    """As :func:`refuse_held`, where it is known until when spending is held.

    :raises ContactChangedRecently: it is at ``at``.
    """
    if until is not None and until > at:
        raise ContactChangedRecently(until=until.isoformat(timespec="seconds"))


def block_member(member_id: int, *, reason: str, at: datetime) -> Block:
    """Block a member: they earn and spend nothing and are written nothing; what was bought can be returned.

    :raises NoReason: without words.
    :raises NotFound: no such member here, or erased.
    :raises AlreadyBlocked: the member is blocked.
    """
    words = _words(reason)
    with unit_of_work():
        member = _locked(member_id)
        if member.status == MemberStatus.BLOCKED:
            raise AlreadyBlocked()
        block: Block = Block.objects.create(
            member=member, reason=words, blocked_at=at, actor_label=scope.actor().label
        )  # fmt: skip
        _set(member, MemberStatus.BLOCKED, "member.blocked", words)
    return block


def unblock_member(member_id: int, *, reason: str, at: datetime) -> Member:
    """Lift the block of a member.

    :raises NoReason: without words.
    :raises NotFound: no such member here, or erased.
    :raises NotBlocked: the member is not blocked.
    :raises own.OwnAccount: the user takes part in the account.
    """
    words = _words(reason)
    with unit_of_work():
        member = _locked(member_id)
        if member.status != MemberStatus.BLOCKED:
            raise NotBlocked()
        own.refuse_own(queries.primary_account(member_id))
        # Who came in blocked from elsewhere has no row.
        Block.objects.filter(member=member, lifted_at__isnull=True).update(
            lifted_at=at, lift_reason=words, lifter_label=scope.actor().label
        )
        _set(member, MemberStatus.ACTIVE, "member.unblocked", words)
    return member


def let_spending_go_on(member_id: int, *, reason: str, at: datetime) -> int:
    """End the hold on spending after changes of contact; how many changes held it.

    :raises NoReason: without words.
    :raises NotFound: no such member here, or erased.
    :raises NotHeld: spending is not held.
    :raises own.OwnAccount: the user takes part in the account.
    """
    words = _words(reason)
    with unit_of_work():
        person = operations.lock_person(member_id)
        own.refuse_own(queries.primary_account(member_id))
        rows = ContactChange.objects.filter(member_id=member_id, held_until__gt=at, lifted_at__isnull=True)
        until = max(rows.values_list("held_until", flat=True), default=None)
        if until is None:
            raise NotHeld()
        count = rows.update(lifted_at=at, lift_reason=words, lifter_label=scope.actor().label)
        audit.record("member.spending_let_go_on", person.member, changes={"held_until": (until, None)}, reason=words)
    return int(count)


def _words(reason: str) -> str:
    if not reason.strip():
        raise NoReason()
    return reason.strip()


def _locked(member_id: int) -> Member:
    rows = Member.objects.select_for_update(no_key=True, of=("self",)).exclude(status=MemberStatus.ERASED)
    member: Member | None = rows.filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    return member


def _set(member: Member, status: MemberStatus, deed: str, reason: str) -> None:
    before, member.status = member.status, status
    member.save(update_fields=["status"])
    audit.record(deed, member, changes={"status": (before, status)}, reason=reason)
