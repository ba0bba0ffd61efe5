"""Later ends, expired points, new points and conversions over HTTP: first the price, then the deed."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock, money
from loyalty.kernel.api.idempotency import answer_once, request_key
from loyalty.kernel.api.views import WRITES_NOTHING, ApiView
from loyalty.kernel.errors import Malformed
from members.ledger import sales
from members.ledger.api.books import balance_document
from members.ledger.models import PointSale
from members.ledger.sales import Offered, Wanted
from members.ledger.serializers import (
    QuotedSaleSerializer,
    SaleEndSerializer,
    SaleInputSerializer,
    SalePaymentSerializer,
    SaleQuestionSerializer,
    SaleSerializer,
)
from members.profiles import queries as profiles
from programs.setup.models import PointType

SCOPE = "sales.write"


class SaleQuoteView(ApiView):
    """What something for points costs."""

    required_scope = SCOPE
    once_by = WRITES_NOTHING

    @extend_schema(
        request=SaleQuestionSerializer, responses={200: QuotedSaleSerializer}, operation_id="quote_point_sale"
    )
    def post(self, request: Request) -> Response:
        """What a later end, expired points, new points or a conversion would cost and move. Nothing moves."""
        given = SaleQuestionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        # No sale was made under this key: a quote is rolled back.
        offered = sales.quote(_wanted(given.validated_data, "quote"), at=clock.now())
        return Response(QuotedSaleSerializer(_quoted(offered)).data)


class SalesView(ApiView):
    """Sales of points."""

    required_scope = SCOPE

    @extend_schema(request=SaleInputSerializer, responses={201: SaleSerializer}, operation_id="sell_points")
    def post(self, request: Request) -> Response:
        """Sell at the price that was quoted. Another price by now is refused.

        Money is taken outside before; bought points without a payment wait for it.
        """
        given = SaleInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._sell(request, given.validated_data))

    def _sell(self, request: Request, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        wanted = _wanted(given, request_key(request))
        decimals = sales.price_decimals(wanted.pay_type_id)
        price = money.to_units(given["price"], decimals, field="price")
        return 201, sale_document(sales.sell(wanted, price=price, at=clock.now()).sale)


class SaleView(ApiView):
    """One sale of points."""

    required_scope = SCOPE

    @extend_schema(responses=SaleSerializer, operation_id="get_point_sale")
    def get(self, request: Request, sale_id: UUID) -> Response:
        """What was sold, whether it is paid, and the balance now."""
        return Response(sale_document(sales.sale_of(sale_id)))


class SalePaymentView(ApiView):
    """The payment of bought points."""

    required_scope = SCOPE

    @extend_schema(request=SalePaymentSerializer, responses={200: SaleSerializer}, operation_id="pay_point_sale")
    def post(self, request: Request, sale_id: UUID) -> Response:
        """The payment that a sale waited for was taken outside: the points are given."""
        given = SalePaymentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        payment: str = given.validated_data["payment"]
        return _once(request, sale_id, lambda key: sales.settle(key, payment=payment, at=clock.now()))


class SaleRefundView(ApiView):
    """The refund of bought points."""

    required_scope = SCOPE

    @extend_schema(request=SaleEndSerializer, responses={200: SaleSerializer}, operation_id="refund_point_sale")
    def post(self, request: Request, sale_id: UUID) -> Response:
        """The payment was given back outside: the points are taken back. What was spent meanwhile is a debt, or written off."""
        return _ended(request, sale_id, sales.refund)


class SaleCancelView(ApiView):
    """A sale that is called off."""

    required_scope = SCOPE

    @extend_schema(request=SaleEndSerializer, responses={200: SaleSerializer}, operation_id="cancel_point_sale")
    def post(self, request: Request, sale_id: UUID) -> Response:
        """The payment does not come: nothing has moved, nothing will."""
        return _ended(request, sale_id, sales.cancel)


def _ended(request: Request, sale_id: UUID, end: Callable[..., PointSale]) -> Response:
    given = SaleEndSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    why: str = given.validated_data["why"]
    return _once(request, sale_id, lambda key: end(key, reason=why, at=clock.now()))


def _once(request: Request, sale_id: UUID, act: Callable[[int], PointSale]) -> Response:
    sale = sales.sale_of(sale_id)
    return answer_once(request, lambda: (200, sale_document(act(sale.pk))))


def _wanted(given: Mapping[str, Any], key: str) -> Wanted:
    """What the caller named, found in the program; types by their codes."""
    kinds = {row.code: row for row in PointType.objects.filter(archived_at__isnull=True)}
    wrong = [(name, "not_a_choice") for name in ("type", "pay") if name in given and given[name] not in kinds]
    if wrong:
        raise Malformed(errors=wrong)
    kind, pay = kinds[given["type"]], kinds.get(given.get("pay", ""))
    # What is converted is counted in the type that goes in.
    counted = pay if given["kind"] == "convert" and pay is not None else kind
    return Wanted(
        kind=given["kind"],
        member_id=profiles.identify(given["member"]["kind"], given["member"]["value"]).pk,
        point_type_id=kind.pk,
        request_key=key,
        points=money.to_units(given["points"], counted.decimals, field="points") if "points" in given else None,
        until=given.get("until"),
        pay_type_id=None if pay is None else pay.pk,
        payment=given.get("payment", ""),
    )


def _quoted(offered: Offered) -> dict[str, Any]:
    kind = offered.sale.point_type
    return {
        **_facts(offered.sale),
        "parts": [
            {"points": money.to_text(one.points, kind.decimals), "end_before": one.before, "end_after": one.after}
            for one in offered.parts
        ],
    }


def _facts(sale: PointSale) -> dict[str, Any]:
    pay = sale.pay_type
    return {
        "kind": sale.kind,
        "type": sale.point_type.code,
        "points": money.to_text(sale.points, sale.point_type.decimals),
        "price": money.to_text(sale.price, money.exponent(sale.currency) if pay is None else pay.decimals),
        "currency": sale.currency,
        "pay": None if pay is None else pay.code,
    }


def sale_document(sale: PointSale) -> dict[str, Any]:
    """A sale as the API shows it, with the balance of its account now."""
    found = {
        **_facts(sale),
        "id": sale.public_id,
        "state": sale.state,
        "payment": sale.payment,
        "asked_at": sale.asked_at,
        "paid_at": sale.paid_at,
        "ended_at": sale.ended_at,
        "balance": balance_document(sale.account_id)["balance"],
    }
    return dict(SaleSerializer(found).data)
