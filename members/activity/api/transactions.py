"""``/transactions``: purchases and their returns."""

from contextlib import suppress
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api import problems
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.api.idempotency import REPLAY_HEADER, body_hash
from loyalty.kernel.api.serializers import accept
from loyalty.kernel.api.views import BY_EXTERNAL_ID, ApiView
from loyalty.kernel.errors import NotFound
from members.activity import queries
from members.activity.api import doors, gathered
from members.activity.explained import ExplainedPurchase
from members.activity.intake import PurchaseInput
from members.activity.serializers import answers
from members.activity.serializers.purchase import BatchSerializer, PurchaseSerializer, ReturnSerializer, return_input


def _answered(content: Any, *, status: int, is_replay: bool) -> Response:
    response = Response(content, status=status)
    if is_replay:
        response[REPLAY_HEADER] = "true"
    return response


class TransactionsView(ApiView):
    """Purchases."""

    required_scope = "purchases.write"
    once_by = BY_EXTERNAL_ID

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.place = self._entered.enter_context(gathered.PURCHASES.coming())

    @extend_schema(
        request=PurchaseSerializer, responses={201: answers.TransactionSerializer}, operation_id="record_transaction"
    )
    def post(self, request: Request) -> Response:
        """Record a purchase: judged by the rules of its time, posted, explained.

        The same `external_id` with the same body gets the first answer again.
        """
        given = doors.Door(holder(request)).read(request.data)
        answered = gathered.record(self.place, given)
        return _answered(answered.content, status=201, is_replay=answered.is_replay)


class TransactionBatchView(ApiView):
    """Many purchases at once."""

    required_scope = "purchases.write"
    once_by = BY_EXTERNAL_ID

    @extend_schema(
        request=BatchSerializer, responses={207: answers.BatchAnswerSerializer}, operation_id="record_transactions"
    )
    def post(self, request: Request) -> Response:
        """Record up to 500 purchases; one result each, in their order. One that is refused keeps no other back."""
        given = BatchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        items = given.validated_data["transactions"]
        read = doors.read_each(doors.Door(holder(request)), items)
        places = [place for place, one in enumerate(read) if isinstance(one, PurchaseInput)]
        outcomes: list[Any] = list(read)
        answered = gathered.record_each([one for one in read if isinstance(one, PurchaseInput)])
        for place, outcome in zip(places, answered, strict=True):
            outcomes[place] = outcome
        results = [
            {"external_id": doors.external_id_of(item), **_result(outcome)}
            for item, outcome in zip(items, outcomes, strict=True)
        ]
        return Response({"results": results}, status=207)


def _result(outcome: gathered.Answered | Exception) -> dict[str, Any]:
    if isinstance(outcome, gathered.Answered):
        return {"status": 201, "is_replay": outcome.is_replay, "answer": outcome.content}
    described = problems.describe(outcome)
    assert described is not None, outcome
    status, problem = described
    return {"status": status, "is_replay": False, "problem": problem}


class TransactionView(ApiView):
    """One purchase."""

    required_scope = "members.read"

    @extend_schema(responses=answers.TransactionWithReturnsSerializer, operation_id="get_transaction")
    def get(self, request: Request, external_id: str) -> Response:
        """A purchase of this key's source, with its explanation and what came back of it."""
        purchase_id = queries.purchase_of(doors.source_of(holder(request)), external_id)
        explained = queries.explain_purchase(purchase_id)
        returns = [answers.returned_document(explained, one) for one in explained.returns]
        return Response({**doors.answer_to(explained), "returns": returns, **_in_exchange_for(explained)})


def _in_exchange_for(explained: ExplainedPurchase) -> dict[str, Any]:
    rows = queries.exchanged_for(explained.source, explained.external_id)
    found = [
        {
            "external_id": row.external_id,
            "transaction": row.purchase_external_id,
            "amount": explained.money_text(row.amount),
        }
        for row in rows
    ]
    return {"in_exchange_for": found} if found else {}


class ReturnsView(ApiView):
    """Returns of one purchase."""

    required_scope = "purchases.write"
    once_by = BY_EXTERNAL_ID

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.place = self._entered.enter_context(gathered.RETURNS.coming())

    @extend_schema(
        request=ReturnSerializer,
        responses={201: answers.ReturnAnswerSerializer, 202: answers.ReturnAnswerSerializer},
        operation_id="record_return",
    )
    def post(self, request: Request, external_id: str) -> Response:
        """Record a return: the kept goods are judged again and the difference is taken back.

        A return that arrives before its purchase waits (202) and moves nothing until then.
        """
        given = accept(ReturnSerializer, request.data)
        source = doors.source_of(holder(request))
        if holder(request).location is not None:
            with suppress(NotFound):
                doors.refuse_foreign_receipt(holder(request), queries.purchase_of(source, external_id))
        wanted = return_input(
            given,
            purchase_external_id=external_id,
            source=source,
            body_hash=body_hash(request.data, external_id),
            now=clock.now(),
        )
        with doors.naming_lines([line_id for line_id, _quantity in wanted.lines]):
            answered = gathered.record_return(self.place, wanted)
        status = 202 if answered.is_waiting else 201
        return _answered(answered.content, status=status, is_replay=answered.is_replay)
