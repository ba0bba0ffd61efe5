"""Trying promotion documents over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel.api.parsing import StrictJSONParser
from loyalty.kernel.api.views import WRITES_NOTHING, ApiView
from loyalty.kernel.errors import Malformed
from programs.promotions.serializers import TRIAL_SCHEMA, TrialSerializer, check_trial
from programs.rules import run_trial
from programs.rules.language import MAX_NESTING


class DocumentParser(StrictJSONParser):
    """A trial holds whole rules, whose conditions nest deeper than the API's own bodies."""

    deepest = MAX_NESTING + 2


def tried(document: Any) -> dict[str, Any]:
    """The answer to a trial document. Nothing is read from the program and nothing is written.

    :raises Malformed: the document or one of its rules is not valid.
    """
    check_trial(document)
    answer = run_trial(document)
    if "errors" in answer:
        raise Malformed(
            errors=[(f"rules/{problem['rule']}{problem['path']}", problem["code"]) for problem in answer["errors"]]
        )
    return answer


class TrialView(ApiView):
    """Trials."""

    required_scope = "promotions.trial"
    once_by = WRITES_NOTHING
    parser_classes = [DocumentParser]

    @extend_schema(request={"application/json": TRIAL_SCHEMA}, responses=TrialSerializer, operation_id="try_promotions")
    def post(self, request: Request) -> Response:
        """Evaluate a made-up purchase by made-up rules, with the explanation of every rule. Nothing is written."""
        return Response(tried(request.data))
