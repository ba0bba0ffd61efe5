"""Statements of one account over HTTP."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from loyalty.kernel import clock
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.documents import CONTENT_TYPES
from members.ledger import statements
from members.ledger.api.books import CsvRenderer
from members.ledger.serializers import StatementQuerySerializer
from members.ledger.statements import Wanted
from members.profiles.api import member_of


class PdfRenderer(BaseRenderer):
    """Lets a caller ask for PDF; the file itself is sent past it."""

    media_type = "application/pdf"
    format = "pdf"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        # Only problems come this way: they are JSON whatever was asked for.
        return bytes(JSONRenderer().render(data, accepted_media_type, renderer_context))


class StatementView(ApiView):
    """The statement of one member's account."""

    required_scope = "members.read"
    renderer_classes: list[type[BaseRenderer]] = [CsvRenderer, PdfRenderer]

    @extend_schema(
        parameters=[StatementQuerySerializer],
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, "application/pdf"): OpenApiTypes.BINARY},
        operation_id="get_statement",
    )
    def get(self, request: Request, identity: str) -> HttpResponse:
        """What there was, what moved it and why, what is left and until when, over days of the program.

        As CSV, or as PDF with ``Accept: application/pdf``, in the member's language.
        """
        given = StatementQuerySerializer(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        days: dict[str, Any] = given.validated_data
        wanted = Wanted(
            member_of(identity), days["first"], days["last"], str(request.accepted_renderer.format),
            days.get("known_at"),
        )  # fmt: skip
        made = statements.make_statement(wanted, at=clock.now())
        return HttpResponse(
            made.read(),
            content_type=CONTENT_TYPES[wanted.file_format],
            headers={"Content-Disposition": f'attachment; filename="{wanted.file_name}"'},
        )
