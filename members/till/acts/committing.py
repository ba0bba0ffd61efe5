"""A receipt as it was paid."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from loyalty.kernel import money
from loyalty.kernel.errors import Malformed, Refusal
from members.activity import intake, paying, services
from members.activity import queries as activity
from members.activity.intake import PurchaseInput
from members.ledger import holds
from members.ledger import operations as ledger
from members.profiles import queries as profiles
from members.profiles import restraining
from members.profiles.models import Member
from members.till import offline, queries
from members.till.acts.asked import CLOCK_SKEW, OVERDRAWN, SKEW, Asked, Done
from members.till.budget import UNHURRIED, CannotJudge, within_budget
from members.till.models import Checkout, CheckoutState
from members.till.refusals import (
    InvalidState,
    NotYet,
    ReservationExpired,
    TooOld,
)
from programs.setup.models import Program


def commit(asked: Asked, given: PurchaseInput, row: Checkout | None) -> Done:
    """Record the receipt: points paid are taken, points earned are given, all in one step.

    What was reserved and not paid with is free again.

    :raises CannotJudge: rules or history did not come in time; nothing was taken or given.
    :raises NotYet: the same, and points are to pay that nobody holds: they are not given away unseen.
    """
    done, content = Done(), asked.content
    given = replace(given, at=_set_right(given.at, asked, done))
    if row is not None and row.member_id not in {None, given.member_id}:
        raise Malformed(errors=[("purchase.member", "not_a_choice")])
    if row is not None and not _is_repeat(row, given):
        _may_commit(row, asked)
    points = content.get("points", Decimal(0))
    if points:
        given = replace(given, points=_paid(points, given, row, asked))
    try:
        with within_budget(UNHURRIED if asked.is_late else None):
            recorded = services.record_purchase(given)
    except CannotJudge:
        if given.points is not None and given.points.hold_id is None and not asked.is_late:
            raise NotYet() from None
        raise
    except Refusal as refusal:
        if given.points is not None and given.points.is_offline:
            offline.forget(given)
        if isinstance(refusal, intake.TooLate):
            raise TooOld(**refusal.facts) from refusal
        raise
    if row is not None:
        _let_go(row, asked)
        Checkout.objects.filter(pk=row.pk).update(purchase_id=recorded.purchase_id)
        done.checkout = queries.checkout_of(row.public_id, asked.source)
    else:
        done.checkout = queries.checkout_of_purchase(recorded.purchase_id) or Checkout.objects.create(
            member_id=given.member_id, source=asked.source, till=asked.till, purchase_id=recorded.purchase_id,
            quoted_at=given.at,
        )  # fmt: skip
    done.purchase_id = recorded.purchase_id
    payment = activity.explain_purchase(recorded.purchase_id).payment
    if payment and payment["missing"]:
        done.flags.append(OVERDRAWN)
    return done


def _let_go(row: Checkout, asked: Asked) -> None:
    """Free what was reserved for a basket that was paid with money after all; what ended meanwhile is free already."""
    if row.hold is not None and not asked.content.get("points"):
        with suppress(ledger.HoldEnded):
            holds.release_hold(row.hold.pk, reason="", request_key=f"till:{asked.op_id}", at=asked.received_at)


def _is_repeat(row: Checkout, given: PurchaseInput) -> bool:
    """The same receipt again, after a fault between its recording and its answer."""
    if row.purchase_id is not None:
        return False
    return activity.has_purchase(given.source, given.external_id)


def _may_commit(row: Checkout, asked: Asked) -> None:
    state = row.state(asked.received_at)
    if asked.is_late and row.purchase_id is None:
        # The till was told that it is accepted: whatever became of the reservation since.
        return
    if state in {CheckoutState.QUOTED, CheckoutState.RESERVED}:
        return
    if state == CheckoutState.EXPIRED:
        if asked.content["offline"] and not asked.content.get("points"):
            return
        raise ReservationExpired()
    raise InvalidState(state=state)


def _set_right(at: datetime, asked: Asked, done: Done) -> datetime:
    if asked.received_at < at <= asked.received_at + SKEW:
        done.warnings.append(CLOCK_SKEW)
        return asked.received_at
    return at


def _paid(points: Decimal, given: PurchaseInput, row: Checkout | None, asked: Asked) -> intake.PaidPoints:
    program = Program.objects.get()
    member = Member.objects.get(pk=given.member_id)
    found = queries.spendable(profiles.primary_account(member.pk), asked.received_at)
    if found is None:
        raise paying.PointsWorthNothing(point_type="")
    units = money.to_units(points, found.point_type.decimals, field="points")
    if row is not None and row.hold is not None and row.hold.is_live(asked.received_at):
        if units > row.hold.amount:
            raise ledger.BeyondHold(
                held=ledger.in_points(row.hold.amount, found.point_type.pk),
                asked=ledger.in_points(units, found.point_type.pk),
            )
        whole = paying.paid_of_hold(row.hold, value=None, program=program)
        return replace(whole, units=units, value=paying.value_of(units, found.point_type, program))
    if not asked.content["offline"]:
        # Reserved points of a receipt that is done late were promised: what is gone since becomes a debt.
        was_promised = asked.is_late and row is not None and row.hold is not None
        if not was_promised and not activity.has_purchase(given.source, given.external_id):
            restraining.refuse_held(member.pk, at=asked.received_at)
        return paying.paid_at_once(units, found.point_type, program, is_offline=was_promised)
    paid = paying.paid_at_once(units, found.point_type, program, is_offline=True)
    if not activity.has_purchase(given.source, given.external_id):
        offline.take(given, paid, asked.content.get("balance_token", ""))
    return paid
