"""A receipt taken back, whole or in part."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from loyalty.kernel.errors import NotFound
from members.activity import queries as activity
from members.activity import services
from members.activity.models import Purchase, PurchaseLine, Settlement
from members.activity.services import ReturnInput
from members.till import queries
from members.till.acts.asked import SKEW, Asked, Done, expect
from members.till.models import Checkout, CheckoutState
from members.till.refusals import (
    DayClosed,
    InvalidState,
    NothingToRefund,
    NotYet,
)
from programs.setup.models import Program


def void(asked: Asked) -> Done:
    """Take a receipt back whole on its own day: everything as if it had not been."""
    purchase, row = _receipt(asked)
    now, name = asked.received_at, f"void:{asked.op_id}"
    if not activity.has_return(asked.source, name):
        expect(row, now, CheckoutState.COMMITTED)
        own = purchase.location.timezone if purchase.location else ""
        zone = ZoneInfo(own) if own else Program.objects.get().zone
        if purchase.occurred_at.astimezone(zone).date() != now.astimezone(zone).date():
            raise DayClosed()
    lines = PurchaseLine.objects.filter(purchase=purchase).values_list("line_id", "quantity")
    recorded = services.record_return(_return(asked, purchase.external_id, name, tuple(lines), now, is_void=True))
    Checkout.objects.filter(pk=row.pk).update(voided_at=now)
    found = queries.checkout_of(row.public_id, asked.source)
    return Done(checkout=found, purchase_id=purchase.pk, return_id=recorded.return_id)


def refund(asked: Asked) -> Done:
    """Take lines of a receipt back; without lines everything that is left of it.

    :raises NotYet: the receipt has not come yet; the return waits for it and the till asks again.
    """
    name = str(asked.op_id)
    try:
        purchase, row = _receipt(asked)
    except NotFound:
        receipt, lines = asked.content.get("receipt"), asked.content.get("lines")
        if not receipt or not lines:
            raise
        wanted = tuple((line["line_id"], line["qty"]) for line in lines)
        services.record_return(_return(asked, receipt, name, wanted, asked.content.get("at", asked.received_at)))
        raise NotYet() from None
    if not activity.has_return(asked.source, name):
        state = row.state(asked.received_at)
        if state == CheckoutState.REFUNDED:
            raise NothingToRefund()
        if state not in {CheckoutState.COMMITTED, CheckoutState.PARTIALLY_REFUNDED}:
            raise InvalidState(state=state)
    wanted = _lines_of(asked, purchase)
    at = asked.content.get("at", asked.received_at)
    recorded = services.record_return(_return(asked, purchase.external_id, name, wanted, at))
    found = queries.checkout_of(row.public_id, asked.source)
    return Done(checkout=found, purchase_id=purchase.pk, return_id=recorded.return_id)


def _lines_of(asked: Asked, purchase: Purchase) -> tuple[tuple[str, Decimal], ...]:
    if asked.content.get("lines"):
        return tuple((line["line_id"], line["qty"]) for line in asked.content["lines"])
    rows = PurchaseLine.objects.filter(purchase=purchase).order_by("number")
    return tuple(
        (line.line_id, line.quantity - line.returned_quantity)
        for line in rows
        if line.quantity > line.returned_quantity
    )


def _return(
    asked: Asked,
    receipt: str,
    name: str,
    lines: tuple[tuple[str, Decimal], ...],
    at: datetime,
    *,
    is_void: bool = False,
) -> ReturnInput:
    return ReturnInput(
        source=asked.source, purchase_external_id=receipt, external_id=name, body_hash=asked.body_hash,
        at=min(at, asked.received_at) if at <= asked.received_at + SKEW else at, lines=lines,
        settlement=asked.content.get("settlement", Settlement.MONEY), exchange=asked.content.get("exchange", ""),
        is_void=is_void,
    )  # fmt: skip


def _receipt(asked: Asked) -> tuple[Purchase, Checkout]:
    """The purchase that the till names by its session or its receipt, and its basket.

    :raises NotFound: neither is known here.
    """
    if asked.content.get("session"):
        row = queries.checkout_of(asked.content["session"], asked.source)
        if row.purchase is None:
            raise InvalidState(state=row.state(asked.received_at))
        return row.purchase, row
    purchase_id = activity.purchase_of(asked.source, asked.content["receipt"])
    purchase: Purchase = Purchase.objects.select_related("location").get(pk=purchase_id)
    row_or_none = queries.checkout_of_purchase(purchase_id)
    row = row_or_none or Checkout.objects.create(
        member_id=purchase.member_id, source=asked.source, till=asked.till, purchase=purchase,
        quoted_at=purchase.occurred_at,
    )  # fmt: skip
    return purchase, row
