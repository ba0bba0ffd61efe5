"""Holding points for a basket, and letting a basket go."""

from datetime import datetime, timedelta
from decimal import Decimal

from loyalty.kernel import money
from loyalty.kernel.errors import Malformed
from members.activity import paying
from members.activity.batch import MemberBlocked
from members.ledger import holds
from members.ledger import operations as ledger
from members.ledger.models import Hold
from members.ledger.operations import NewHold
from members.profiles import queries as profiles
from members.profiles import restraining
from members.profiles.models import Member
from members.till import queries
from members.till.acts.asked import Asked, Done, expect
from members.till.models import Checkout, CheckoutState
from members.till.refusals import (
    InvalidState,
)
from programs.setup import terms
from programs.setup.models import Program


def minutes_of_hold(asked: int | None) -> int:
    """For how many minutes a till holds points: what it asks for, at most what the program allows.

    :raises Malformed: more than that.
    """
    most = int(terms.nearest(terms.TILL_HOLD_MINUTES, Program.objects.get()))
    if asked is not None and asked > most:
        raise Malformed(errors=[("minutes", "out_of_range")])
    return asked or most


def make_hold(
    member: Member, points: Decimal, *, code: str | None, minutes: int, key: str, source: str, till: str, now: datetime
) -> Hold:
    """Hold points of a member for a till.

    :raises MemberBlocked: the member is blocked.
    :raises restraining.ContactChangedRecently: the member's e-mail or phone changed lately.
    :raises paying.PointsWorthNothing: there are no points to spend here.
    :raises ledger.InsufficientPoints: less is there.
    """
    if not member.is_active:
        raise MemberBlocked()
    restraining.refuse_held(member.pk, at=now)
    account_id = profiles.primary_account(member.pk)
    found = queries.spendable(account_id, now, code)
    if found is None:
        raise paying.PointsWorthNothing(point_type=code or "")
    units = money.to_units(points, found.point_type.decimals, field="points")
    if units <= 0:
        raise Malformed(errors=[("points", "out_of_range")])
    wanted = NewHold(
        wallet_id=ledger.wallet_of(account_id, found.point_type.pk, units), member_id=member.pk, amount=units,
        expires_at=now + timedelta(minutes=minutes), request_key=key, source=source, till=till,
    )  # fmt: skip
    return holds.hold_points(wanted, at=now)


def reserve(asked: Asked) -> Done:
    """Hold points for a quoted basket."""
    row = queries.checkout_of(asked.content["quote"], asked.source)
    key, now = f"till:{asked.op_id}", asked.received_at
    if row.hold is None or row.hold.request_key != key:
        expect(row, now, CheckoutState.QUOTED)
    if row.member is None:
        raise Malformed(errors=[("quote", "member_required")])
    made = make_hold(
        row.member, asked.content["points"], code=None, minutes=minutes_of_hold(asked.content.get("minutes")), key=key,
        source=asked.source, till=asked.till, now=now,
    )  # fmt: skip
    Checkout.objects.filter(pk=row.pk).update(hold=made)
    return Done(checkout=queries.checkout_of(row.public_id, asked.source), hold=holds.hold_of(made.public_id))


def cancel(asked: Asked) -> Done:
    """Let a basket go that was not paid; what was reserved for it is free again."""
    row = queries.checkout_of(asked.content["session"], asked.source)
    key, now = f"till:{asked.op_id}", asked.received_at
    if row.canceled_at is None and not (row.hold is not None and row.hold.end_key == key):
        expect(row, now, CheckoutState.QUOTED, CheckoutState.RESERVED)
    elif row.canceled_at is not None:
        raise InvalidState(state=row.state(now))
    if row.hold is not None:
        holds.release_hold(row.hold.pk, reason=asked.content.get("reason", ""), request_key=key, at=now)
    Checkout.objects.filter(pk=row.pk).update(canceled_at=now)
    return Done(checkout=queries.checkout_of(row.public_id, asked.source))
