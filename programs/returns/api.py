"""Terms of return over HTTP: read only, the program's staff sets them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api.views import ApiView
from programs.returns import queries
from programs.returns.models import ReturnTerms
from programs.returns.sentence import sentence
from programs.returns.serializers import TermsListSerializer
from programs.setup.models import Program


class TermsView(ApiView):
    """The program's terms of return."""

    required_scope = "purchases.write"

    @extend_schema(responses=TermsListSerializer, operation_id="list_terms_of_return")
    def get(self, request: Request) -> Response:
        """The terms that hold today or later. Which of them hold for a purchase, that purchase says."""
        rows = queries.not_ended(clock.today(Program.objects.get().zone))
        return Response(TermsListSerializer({"terms": [_document(row) for row in rows]}).data)


def _document(row: ReturnTerms) -> dict[str, Any]:
    return {
        "category": None if row.category is None else row.category.code,
        "tier": None if row.tier is None else {"scheme": row.tier.scheme.code, "code": row.tier.code},
        "channel": row.channel or None,
        "since": row.since_date,
        "until": row.until_date,
        "days": row.days,
        "points": row.points_mode,
        "gives_money": row.gives_money,
        "bonus": None if row.bonus_type is None else {"type": row.bonus_type.code, "percent": row.bonus_percent},
        "why": sentence(row),
    }
