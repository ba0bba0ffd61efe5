"""Operations of a till: one at a time, or kept while there was no line and sent together."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel.api import problems
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.api.idempotency import REPLAY_HEADER
from loyalty.kernel.api.views import BY_OPERATION, ApiView
from loyalty.kernel.errors import Refusal
from members.till import queries, reading, services
from members.till.models import OperationStatus
from members.till.serializers import (
    CancelSerializer,
    CommitSerializer,
    OperationsAnswerSerializer,
    OperationsSerializer,
    RefundSerializer,
    ReserveSerializer,
    TillAnswerSerializer,
    VoidSerializer,
)
from members.till.services import GAP, Order, Result

DUPLICATE = "duplicate"


class _OperationView(ApiView):
    """One operation of a till; a refusal is a problem."""

    required_scope = "till.use"
    once_by = BY_OPERATION
    kind = ""

    def _perform(self, request: Request, **named: Any) -> Response:
        order = reading.order_of(holder(request), self.kind, request.data, named)
        result = services.perform(order)
        problem = result.document.get("problem")
        if problem is not None:
            response = Response(problem, status=result.http_status, content_type=problems.MEDIA_TYPE)
            if result.document["status"] == OperationStatus.RETRY_LATER:
                response["Retry-After"] = "60"
        else:
            response = Response(_warned(order, result.document), status=result.http_status)
        if result.is_replay:
            response[REPLAY_HEADER] = "true"
        return response


def _warned(order: Order, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, with a warning where the number before this one has not come."""
    if order.sequence is None:
        return document
    missing = queries.missing_numbers(order.asked.source, order.asked.till)
    return _with_gap(document) if order.sequence - 1 in missing else document


def _with_gap(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**document, "warnings": [*document["warnings"], GAP]}


class SessionsView(_OperationView):
    """Baskets with points held for them."""

    kind = "reserve"

    @extend_schema(request=ReserveSerializer, responses={201: TillAnswerSerializer}, operation_id="till_reserve")
    def post(self, request: Request) -> Response:
        """Hold points for a quoted basket: nobody else can spend them until the time is over."""
        return self._perform(request)


class ReceiptsView(_OperationView):
    """Receipts without a session."""

    kind = "commit"

    @extend_schema(
        request=CommitSerializer,
        responses={201: TillAnswerSerializer, 202: TillAnswerSerializer},
        operation_id="till_receipt",
    )
    def post(self, request: Request) -> Response:
        """Record a receipt that had no session. 202: accepted, the points follow."""
        return self._perform(request)


class CommitView(_OperationView):
    """The end of a session: the receipt as it was paid."""

    kind = "commit"

    @extend_schema(
        request=CommitSerializer,
        responses={201: TillAnswerSerializer, 202: TillAnswerSerializer},
        operation_id="till_commit",
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        """Record the receipt: points paid are taken, points earned are given. 202: accepted, the points follow."""
        return self._perform(request, session=str(session_id))


class CancelView(_OperationView):
    """A session that is not paid."""

    kind = "cancel"

    @extend_schema(request=CancelSerializer, responses={201: TillAnswerSerializer}, operation_id="till_cancel")
    def post(self, request: Request, session_id: UUID) -> Response:
        """Let a basket go; points that were held for it are free at once."""
        return self._perform(request, session=str(session_id))


class VoidView(_OperationView):
    """A receipt that was a mistake."""

    kind = "void"

    @extend_schema(request=VoidSerializer, responses={201: TillAnswerSerializer}, operation_id="till_void")
    def post(self, request: Request, session_id: UUID) -> Response:
        """Take a receipt back whole on its own day."""
        return self._perform(request, session=str(session_id))


class RefundsView(_OperationView):
    """Goods that came back."""

    kind = "refund"

    @extend_schema(request=RefundSerializer, responses={201: TillAnswerSerializer}, operation_id="till_refund")
    def post(self, request: Request) -> Response:
        """Take goods back: points that paid return first, then what was earned is taken back; the rest is money."""
        return self._perform(request)


class BatchesView(ApiView):
    """What a till kept while it had no line."""

    required_scope = "till.use"
    once_by = BY_OPERATION

    @extend_schema(
        request=OperationsSerializer, responses={207: OperationsAnswerSerializer}, operation_id="till_operations"
    )
    def post(self, request: Request) -> Response:
        """Up to 500 operations in any order, each done once; they are taken in the order of the till's own numbers.

        One that is refused keeps no other back. Numbers that have not come yet are named: send those, too.
        """
        given = OperationsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        items = given.validated_data["operations"]
        results: dict[int, Mapping[str, Any]] = {}
        orders: dict[int, Order] = {}
        for place, item in enumerate(items):
            try:
                orders[place] = reading.order_of_item(holder(request), item)
            except (Refusal, ValidationError) as wrong:
                results[place] = _unread(item, wrong)
        tills: dict[str, list[int]] = defaultdict(list)
        for place in sorted(orders, key=lambda one: (orders[one].sequence is None, orders[one].sequence or 0, one)):
            results[place] = _told(orders[place])
            tills[orders[place].asked.till].append(place)
        missing = {
            till: queries.missing_numbers(orders[places[0]].asked.source, till) for till, places in tills.items()
        }
        for till, places in tills.items():
            for place in places:
                if (orders[place].sequence or 0) - 1 in missing[till]:
                    results[place] = _with_gap(results[place])
        answer = {"results": [results[place] for place in range(len(items))], "missing": missing}
        return Response(answer, status=207)


def _told(order: Order) -> Mapping[str, Any]:
    try:
        result: Result = services.perform(order)
    except (Refusal, ValidationError) as wrong:
        return {**reading.nothing_done(str(order.asked.op_id)), **_problem(wrong)}
    return {**result.document, "status": DUPLICATE} if result.is_replay else result.document


def _unread(item: Any, wrong: Exception) -> Mapping[str, Any]:
    name = item.get("op_id") if isinstance(item, Mapping) else None
    return {**reading.nothing_done(name if isinstance(name, str) else None), **_problem(wrong)}


def _problem(wrong: Exception) -> dict[str, Any]:
    described = problems.describe(wrong)
    assert described is not None, wrong
    return {"problem": described[1]}
