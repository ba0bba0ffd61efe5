"""What later ends, expired points and bought points cost, and what points of one type become in another."""

from datetime import date, datetime

from loyalty.kernel.errors import Refusal
from members.ledger.models import ConversionRate, PointSale, PriceList, PriceStep, SaleState
from members.ledger.operations import in_points
from programs.rules.dates import start_of, start_of_period
from programs.setup.models import Program


class NotForSale(Refusal):
    """No price list in use, or no rate, for that."""

    code = "ledger.not_for_sale"


class AmountRefused(Refusal):
    """Fewer or more points than the price list sells at once, or no price for so few."""

    code = "ledger.sale_amount"
    field = "points"


class BeyondCap(Refusal):
    """More than a member may buy within the period."""

    code = "ledger.sale_cap"
    status = 409
    field = "points"


def list_for(kind: str, point_type_id: int, pay_type_id: int | None) -> PriceList:
    """The price list in use for one thing, a point type and what pays (nothing: money).

    :raises NotForSale: there is none.
    """
    rows = PriceList.objects.filter(
        kind=kind, point_type_id=point_type_id, pay_type_id=pay_type_id, archived_at__isnull=True
    )
    found: PriceList | None = rows.select_related("point_type", "pay_type").first()
    if found is None:
        raise NotForSale()
    return found


def price_of(priced: PriceList, points: int) -> int:
    """What ``points`` smallest units cost, by the step with the highest beginning that they reach.

    :raises AmountRefused: beyond what is sold at once, or below the first step.
    """
    step: PriceStep | None = (
        priced.steps.filter(from_points__lte=points).order_by("-from_points").first()  # type: ignore[attr-defined]
    )
    if step is None or points < max(1, priced.least) or (priced.most is not None and points > priced.most):
        least = max(1, priced.least, priced.steps.order_by("from_points").values_list("from_points", flat=True).first() or 0)  # type: ignore[attr-defined]  # fmt: skip
        most = "–" if priced.most is None else in_points(priced.most, priced.point_type_id)
        raise AmountRefused(least=in_points(least, priced.point_type_id), most=most)
    return step.price_of(points)


def refuse_beyond_cap(priced: PriceList, account_id: int, points: int, at: datetime) -> None:
    """Refuse what would be more than an account may buy within the list's period; call it under the wallet's lock.

    A sale that waits for its payment counts, one that was refunded or canceled does not.

    :raises BeyondCap: with what is left.
    """
    if priced.member_cap is None:
        return
    program = Program.objects.get()
    begun = start_of(start_of_period(priced.cap_period, at.astimezone(program.zone).date()), program.zone)
    rows = PointSale.objects.filter(
        account_id=account_id, kind=priced.kind, point_type_id=priced.point_type_id, asked_at__gte=begun,
        state__in=[SaleState.PENDING, SaleState.PAID],
    )  # fmt: skip
    left = max(0, priced.member_cap - sum(rows.values_list("points", flat=True)))
    if points > left:
        raise BeyondCap(
            cap=in_points(priced.member_cap, priced.point_type_id), left=in_points(left, priced.point_type_id)
        )


def rate_for(from_type_id: int, to_type_id: int, day: date) -> ConversionRate:
    """The rate in force on a day of the program: the newest of the latest day that has begun.

    :raises NotForSale: none has begun, or the newest ends the conversion.
    """
    rows = ConversionRate.objects.filter(from_type_id=from_type_id, to_type_id=to_type_id, since_date__lte=day)
    found: ConversionRate | None = rows.select_related("from_type", "to_type").order_by("-since_date", "-id").first()
    if found is None or not found.get:
        raise NotForSale()
    return found


def converted(rate: ConversionRate, amount: int) -> tuple[int, int]:
    """What is taken of ``amount`` and what it becomes, smallest units: whole units come out, rounded down, and only what
    they need goes in. The remainder stays.
    """
    gets = amount * rate.get // rate.give
    return -(-gets * rate.give // rate.get), gets
