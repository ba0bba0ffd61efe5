"""What a till sends: the purchase of the trial document with its name, its member and its place."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from loyalty.kernel import money
from loyalty.kernel.api.serializers import ExactField, InstantField, QuantityField, StrictSerializer, refuse
from members.activity.intake import MOST_LINES, MOST_QUANTITY, LineInput, PurchaseInput
from members.activity.models import Settlement
from members.activity.services import ReturnInput
from members.profiles.serializers import IdentitySerializer

MOST_COUPONS = 20
MOST_CATEGORIES = 20
MOST_ATTRIBUTES = 20
QUANTITY_DECIMALS = 3


@extend_schema_field(OpenApiTypes.OBJECT)
class AttributesField(serializers.Field):  # type: ignore[type-arg]
    """Declared attributes of a purchase by name: texts, whole numbers, yes or no."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise refuse("invalid")
        if len(data) > MOST_ATTRIBUTES:
            raise refuse("too_many")
        for name, value in data.items():
            if not isinstance(value, str | int) or len(name) > 60 or len(str(value)) > 200:
                raise refuse("out_of_range")
        return dict(data)

    def to_representation(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return dict(value)


class LineSerializer(StrictSerializer):
    """One line: ``amount`` (paid, final) or ``unit_price`` less ``discount`` of the whole line.

    ``promotion_discount`` is the part of the discount that the program's own promotions gave, as the till knew it before:
    it is judged anew and never taken off twice.
    """

    line_id = serializers.CharField(max_length=40, required=False)
    sku = serializers.CharField(max_length=60)
    qty = QuantityField(decimals=QUANTITY_DECIMALS, most=MOST_QUANTITY, required=False)
    unit = serializers.CharField(max_length=10, default="piece")
    unit_price = ExactField(required=False)
    discount = ExactField(required=False)
    promotion_discount = ExactField(required=False)
    amount = ExactField(required=False)
    categories = serializers.ListField(
        child=serializers.CharField(max_length=120), max_length=MOST_CATEGORIES, required=False
    )
    brand = serializers.CharField(max_length=80, required=False)
    tax_rate = ExactField(decimals=2, most=Decimal(100), required=False)


class PurchaseSerializer(StrictSerializer):
    """One purchase. Money is decimal text in ``currency``; ``at`` carries its offset.

    With a ``reservation`` its points are taken in the same step: all of them, or as many as ``paid_with_points`` needs.
    """

    external_id = serializers.CharField(max_length=120)
    member = IdentitySerializer()
    at = InstantField()
    currency = serializers.RegexField(
        r"^[A-Z]{3}$", error_messages={"invalid": _("Write the currency as three capital letters, such as EUR.")}
    )
    store = serializers.CharField(max_length=40, required=False)
    till = serializers.CharField(max_length=40, allow_blank=True, default="")
    channel = serializers.CharField(max_length=20, default="store")
    payment = serializers.CharField(max_length=40, allow_blank=True, default="")
    basket_discount = ExactField(required=False)
    paid_with_points = ExactField(required=False)
    reservation = serializers.UUIDField(required=False)
    coupons = serializers.ListField(child=serializers.CharField(max_length=60), max_length=MOST_COUPONS, default=list)
    attributes = AttributesField(required=False)
    lines: Any = serializers.ListSerializer(child=LineSerializer(), allow_empty=False, max_length=MOST_LINES)


def purchase_input(given: Mapping[str, Any], *, member_id: int, source: str, body_hash: bytes) -> PurchaseInput:
    """The validated body as the one door takes it.

    :raises Malformed: an amount has more decimals than its currency.
    """
    places = money.exponent(given["currency"])
    return PurchaseInput(
        source=source,
        external_id=given["external_id"],
        body_hash=body_hash,
        member_id=member_id,
        at=given["at"],
        lines=tuple(_line(line, index, places) for index, line in enumerate(given["lines"])),
        currency=given["currency"],
        location=given.get("store"),
        till=given["till"],
        channel=given["channel"],
        payment=given["payment"],
        basket_discount=_units(given, "basket_discount", places) or 0,
        paid_with_points=_units(given, "paid_with_points", places) or 0,
        coupons=tuple(given["coupons"]),
        attributes=given.get("attributes", {}),
    )


def _units(given: Mapping[str, Any], name: str, places: int, prefix: str = "") -> int | None:
    return money.to_units(given[name], places, field=f"{prefix}{name}") if name in given else None


def _line(given: Mapping[str, Any], index: int, places: int) -> LineInput:
    prefix = f"lines.{index}."
    quantity = given.get("qty", Decimal(1))
    amount, unit_price = _units(given, "amount", places, prefix), _units(given, "unit_price", places, prefix)
    discount = _units(given, "discount", places, prefix) or 0
    return LineInput(
        line_id=given.get("line_id", str(index + 1)),
        sku=given["sku"],
        quantity=quantity,
        unit=given["unit"],
        amount=amount,
        unit_price=unit_price,
        discount=discount,
        promotion_discount=_units(given, "promotion_discount", places, prefix) or 0,
        list_amount=_listed(amount, unit_price, discount, quantity),
        categories=tuple(given.get("categories", ())),
        brand=given.get("brand"),
        tax_rate=given.get("tax_rate"),
    )


def _listed(amount: int | None, unit_price: int | None, discount: int, quantity: Decimal) -> int | None:
    """The price before discounts of a line that says what was paid (C01)."""
    if amount is None:
        return None
    if unit_price is None:
        return amount + discount
    return int((quantity * unit_price).quantize(Decimal(1), rounding=ROUND_HALF_UP))


class ReturnedLineSerializer(StrictSerializer):
    line_id = serializers.CharField(max_length=40)
    qty = QuantityField(decimals=QUANTITY_DECIMALS, most=MOST_QUANTITY)


class ReturnQuestionSerializer(StrictSerializer):
    """Goods that would be given back. Without ``at`` they come back just now.

    In return the member gets money, points where the terms of return offer a bonus, or another purchase in ``exchange``,
    which names its receipt.
    """

    at = InstantField(required=False)
    lines: Any = serializers.ListSerializer(child=ReturnedLineSerializer(), allow_empty=False, max_length=MOST_LINES)
    settlement = serializers.ChoiceField(Settlement.values, default=Settlement.MONEY.value)
    exchange = serializers.CharField(max_length=120, required=False)


class ReturnSerializer(ReturnQuestionSerializer):
    """Goods given back. Without ``at`` they came back just now.

    In return the member gets money, points where the terms of return offer a bonus, or another purchase in ``exchange``,
    which names its receipt and may be recorded later.
    """

    external_id = serializers.CharField(max_length=120)


def return_input(
    given: Mapping[str, Any], *, purchase_external_id: str, source: str, body_hash: bytes, now: Any
) -> ReturnInput:
    """The validated body as the one door takes it. A question has no number of its own and gets one for once."""
    return ReturnInput(
        source=source,
        purchase_external_id=purchase_external_id,
        external_id=given["external_id"] if "external_id" in given else uuid4().hex,
        body_hash=body_hash,
        at=given.get("at", now),
        lines=tuple((line["line_id"], line["qty"]) for line in given["lines"]),
        settlement=given["settlement"],
        exchange=given.get("exchange", ""),
    )


class BatchSerializer(StrictSerializer):
    """Purchases to be recorded; each is read on its own."""

    transactions = serializers.ListField(child=serializers.JSONField(), allow_empty=False, max_length=500)
