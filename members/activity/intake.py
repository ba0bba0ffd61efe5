"""From what a door was told to what the rules read: exact amounts, whole units, refusals by field. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import msgspec

from loyalty.kernel import money
from loyalty.kernel.errors import Malformed, Refusal
from programs.catalog.queries import LocationFacts, ProductFacts
from programs.rules import Line, Purchase, spread_basket_discount
from programs.rules.money import half_up, largest_remainder

# The name under which a program's own purchases are known, whichever door they come by.
OWN_SOURCE = "api"
MOST_LINES = 1000
MOST_QUANTITY = Decimal(1_000_000)


class InTheFuture(Refusal):
    """The purchase is dated later than the clock allows."""

    code = "activity.in_the_future"
    field = "at"


class TooLate(Refusal):
    """The purchase is older than the program accepts."""

    code = "activity.too_late"
    field = "at"


class UnknownLocation(Refusal):
    """The store code is not known here."""

    code = "activity.unknown_location"
    field = "store"


class CurrencyRefused(Refusal):
    """The purchase is in a currency for which the program has no rate."""

    code = "activity.currency"
    field = "currency"


class UnknownArticle(Refusal):
    """The catalog has no such article, and the line does not say what it is."""

    code = "activity.unknown_sku"
    field = "lines.%(index)s.sku"


class LineInput(msgspec.Struct, frozen=True):
    """One line as a door received it: ``amount`` (paid, final) or ``unit_price`` less ``discount``, minor units.

    ``promotion_discount`` is what of it the program's own promotions took off at the till, by an earlier quote: it is put
    back before the purchase is judged, so that nothing is taken off twice.
    """

    line_id: str
    sku: str
    quantity: Decimal = Decimal(1)
    unit: str = "piece"
    amount: int | None = None
    unit_price: int | None = None
    discount: int = 0
    promotion_discount: int = 0
    list_amount: int | None = None
    categories: tuple[str, ...] = ()
    brand: str | None = None
    tax_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a receipt came to in another currency, minor units of it, and the rate at which it was converted."""

    currency: str
    amount: int
    rate: Decimal


PAYMENT, DISCOUNT = "payment", "discount"


@dataclass(frozen=True, slots=True)
class PaidPoints:
    """Points that pay a part of a receipt: ``units`` smallest units, worth ``value`` minor units.

    As money off (``discount``) they lower what the lines cost, as a means of payment they do not. Of a hold, or taken with
    the receipt; ``is_offline`` when the till gave the goods without asking: what is missing becomes a debt.
    """

    point_type_id: int
    type_code: str
    units: int
    value: int
    way: str
    hold_id: int | None = None
    is_offline: bool = False


class PointsBeyondPurchase(Refusal):
    """The points are worth more than the receipt."""

    code = "activity.points_beyond_purchase"
    field = "paid_with_points"


@dataclass(frozen=True, slots=True)
class PurchaseInput:
    """One purchase as a door received it. ``source`` and ``external_id`` name it for ever; ``body_hash`` is its content.

    ``trace`` is that of its own request, where it is recorded together with others.
    """

    source: str
    external_id: str
    body_hash: bytes
    member_id: int
    at: datetime
    lines: tuple[LineInput, ...]
    currency: str
    location: str | None = None
    till: str = ""
    channel: str = "store"
    payment: str = ""
    basket_discount: int = 0
    paid_with_points: int = 0
    coupons: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    points: PaidPoints | None = None
    foreign: Foreign | None = None
    trace: str = ""


def converted(
    given: PurchaseInput, lines: Sequence[Line], currency: str, rate: Decimal
) -> tuple[PurchaseInput, tuple[Line, ...]]:
    """The purchase in the program's currency, and its lines: the totals converted once, half up, and spread (C06).

    :raises CurrencyRefused: points pay for it, which are worth money of the program.
    """
    if given.points is not None:
        raise CurrencyRefused(currency=given.currency, expected=currency)
    exact = Fraction(rate) * Fraction(10) ** (money.exponent(currency) - money.exponent(given.currency))
    paid, listed = ([getattr(line, name) for line in lines] for name in ("paid", "list_amount"))
    shares = largest_remainder(half_up(sum(paid) * exact), paid)
    list_shares = largest_remainder(half_up(sum(listed) * exact), listed)
    found = tuple(
        msgspec.structs.replace(line, paid=share, list_amount=max(share, list_share))
        for line, share, list_share in zip(lines, shares, list_shares, strict=True)
    )
    return replace(
        given, currency=currency, foreign=Foreign(given.currency, sum(paid), rate),
        paid_with_points=min(half_up(given.paid_with_points * exact), sum(shares)),
    ), found  # fmt: skip


def paid_with(given: PurchaseInput, lines: Sequence[Line]) -> PurchaseInput:
    """The purchase with its points in their place: paid with them, or taken off the basket. ``lines`` as paid for.

    :raises PointsBeyondPurchase: they are worth more than the receipt.
    """
    points = given.points
    assert points is not None, "paid with money"
    total = sum(line.paid for line in lines)
    if points.value > total:
        raise PointsBeyondPurchase(value=points.value, amount=total)
    if points.way == PAYMENT:
        return replace(given, paid_with_points=points.value)
    return replace(given, basket_discount=given.basket_discount + points.value)


def occurred_at(at: datetime, now: datetime, *, skew: timedelta, lateness: timedelta) -> datetime:
    """The instant of a purchase: a clock a little ahead is set right, a claim beyond that is refused.

    :raises InTheFuture: more than ``skew`` ahead of ``now``.
    :raises TooLate: more than ``lateness`` ago.
    """
    if at > now + skew:
        raise InTheFuture(at=at.isoformat())
    if at < now - lateness:
        raise TooLate(at=at.isoformat(), days=lateness.days)
    return min(at, now)


def _amounts(line: LineInput, quantity: Decimal, index: int) -> tuple[int, int]:
    """(list amount, paid) in minor units, half up to the minor unit for weighed goods."""
    if line.promotion_discount < 0:
        raise Malformed(errors=[(f"lines.{index}.promotion_discount", "out_of_range")])
    if line.amount is not None:
        paid = line.amount + line.promotion_discount
        return max(line.list_amount or 0, paid), paid
    if line.unit_price is None:
        raise Malformed(errors=[(f"lines.{index}.unit_price", "required")])
    listed = money.to_units((quantity * line.unit_price).quantize(Decimal(1), rounding=ROUND_HALF_UP), 0)
    if line.promotion_discount > line.discount:
        raise Malformed(errors=[(f"lines.{index}.promotion_discount", "out_of_range")])
    return listed, listed - line.discount + line.promotion_discount


def refuse_unknown(lines: Sequence[LineInput], products: Mapping[str, ProductFacts]) -> None:
    """Refuse articles that the catalog does not know. A line that brings its own categories needs no catalog.

    :raises UnknownArticle: names the first of them.
    """
    for index, line in enumerate(lines):
        if line.sku not in products and not line.categories:
            raise UnknownArticle(index=index, sku=line.sku)


def rule_lines(
    lines: Sequence[LineInput], products: Mapping[str, ProductFacts], basket_discount: int
) -> tuple[Line, ...]:
    """Lines as the rules read them, the basket's discount spread (C02).

    A line of quantity 0 without amount is dropped; with an amount it is one unit. Products known to the catalog bring
    their categories, brand and tax; the door's own words win.

    :raises Malformed: a negative or senseless quantity or amount, a line id twice, too many lines, a discount beyond it.
    """
    if len(lines) > MOST_LINES:
        raise Malformed(errors=[("lines", "too_many")])
    if len({line.line_id for line in lines}) != len(lines):
        raise Malformed(errors=[("lines", "line_id_twice")])
    found: list[Line] = []
    for index, line in enumerate(lines):
        quantity = line.quantity
        if not quantity.is_finite() or quantity < 0 or quantity > MOST_QUANTITY:
            raise Malformed(errors=[(f"lines.{index}.qty", "out_of_range")])
        if quantity == 0 and not (line.amount or line.unit_price):
            continue
        unit = line.unit if quantity else "piece"
        quantity = quantity or Decimal(1)
        listed, paid = _amounts(line, quantity, index)
        if paid < 0 or listed > money.LARGEST:
            raise Malformed(errors=[(f"lines.{index}.amount", "out_of_range")])
        known = products.get(line.sku)
        found.append(
            Line(
                line_id=line.line_id,
                number=index + 1,
                sku=line.sku,
                product=line.sku if known else None,
                categories=line.categories or (known.categories if known else ()),
                brand=line.brand or (known.brand if known else None),
                qty=quantity,
                unit=unit,
                paid=paid,
                list_amount=listed,
                tax_rate=line.tax_rate if line.tax_rate is not None else (known.tax_rate if known else None),
            )
        )
    return _discounted(found, basket_discount)


def _discounted(lines: Sequence[Line], basket_discount: int) -> tuple[Line, ...]:
    if basket_discount < 0 or basket_discount > sum(line.paid for line in lines):
        raise Malformed(errors=[("basket_discount", "out_of_range")])
    return spread_basket_discount(lines, basket_discount) if basket_discount else tuple(lines)


def rule_purchase(
    given: PurchaseInput, at: datetime, lines: tuple[Line, ...], location: LocationFacts | None
) -> Purchase:
    """The purchase as the rules read it."""
    if given.paid_with_points < 0 or given.paid_with_points > sum(line.paid for line in lines):
        raise Malformed(errors=[("paid_with_points", "out_of_range")])
    return Purchase(
        at=at,
        lines=lines,
        channel=given.channel,
        payment=given.payment or None,
        partner=location.partner if location else None,
        store=location.code if location else None,
        store_group=location.group if location else None,
        region=location.region if location else None,
        store_tz=location.timezone if location else None,
        currency=given.currency,
        paid_with_points=given.paid_with_points,
        coupons=given.coupons,
        attributes=given.attributes,
    )
