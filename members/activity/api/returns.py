"""Before a return: what of a purchase may come back on which terms, and what a return would do."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.api.idempotency import body_hash
from loyalty.kernel.api.views import WRITES_NOTHING, ApiView
from members.activity import queries, services
from members.activity.api import doors
from members.activity.api.returned import return_answer
from members.activity.returnable import ReturnableLine, returnable_lines
from members.activity.serializers import answers
from members.activity.serializers.purchase import ReturnQuestionSerializer, return_input
from members.activity.serializers.returnable import ReturnableSerializer

SCOPE = "purchases.write"


class ReturnTermsView(ApiView):
    """The terms of return of one purchase."""

    required_scope = SCOPE

    @extend_schema(responses=ReturnableSerializer, operation_id="get_terms_of_return")
    def get(self, request: Request, external_id: str) -> Response:
        """What is left of each line, until which day it may come back, and what happens to its points then.

        The terms are those of the day of the purchase, for the tier that the member had before it.
        """
        purchase_id = queries.purchase_of(doors.source_of(holder(request)), external_id)
        doors.refuse_foreign_receipt(holder(request), purchase_id)
        lines = [_document(one) for one in returnable_lines(purchase_id, clock.now())]
        return Response(ReturnableSerializer({"transaction": external_id, "lines": lines}).data)


class ReturnQuoteView(ApiView):
    """A return that is only asked about."""

    required_scope = SCOPE
    once_by = WRITES_NOTHING

    @extend_schema(
        request=ReturnQuestionSerializer,
        responses={200: answers.QuotedReturnSerializer},
        operation_id="quote_return",
    )
    def post(self, request: Request, external_id: str) -> Response:
        """What a return would take back and give, or why it would be refused. Nothing moves."""
        given = ReturnQuestionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        source = doors.source_of(holder(request))
        # Asked about what is not known here, a return would wait; a question does not.
        doors.refuse_foreign_receipt(holder(request), queries.purchase_of(source, external_id))
        wanted = return_input(
            given.validated_data, purchase_external_id=external_id, source=source,
            body_hash=body_hash(request.data, external_id), now=clock.now(),
        )  # fmt: skip
        with doors.naming_lines([line_id for line_id, _quantity in wanted.lines]):
            answer = services.preview_return(wanted, lambda done: return_answer(done.return_id))
        return Response(answers.QuotedReturnSerializer(answer).data)


def _document(one: ReturnableLine) -> dict[str, Any]:
    return {
        "line_id": one.line_id,
        "sku": one.sku,
        "qty": f"{one.left.normalize():f}",
        "is_returnable": one.is_returnable,
        "until": one.until,
        "points": one.mode,
        "settlements": one.settlements,
        "bonus": None if one.bonus is None else {"type": one.bonus.type, "percent": one.bonus.percent},
        "why": one.words,
    }
