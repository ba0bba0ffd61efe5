"""``/members/{identity}/consents``: what a member agreed to."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api.idempotency import answer_once, request_key
from loyalty.kernel.api.views import ApiView
from members.consents import queries, services
from members.consents.models import Decision
from members.consents.serializers import ConsentInputSerializer, ConsentSerializer, StandingsSerializer
from members.consents.services import Said
from members.profiles.api import member_of


class ConsentsView(ApiView):
    """Consents of one member."""

    required_scope = "members.read"
    scope_to_write = "consents.write"

    @extend_schema(responses=StandingsSerializer, operation_id="list_consents")
    def get(self, request: Request, identity: str) -> Response:
        """What the member may be asked for, what holds, and the history of each with its proof."""
        return Response(StandingsSerializer({"results": queries.standings(member_of(identity).pk)}).data)

    @extend_schema(request=ConsentInputSerializer, responses={201: ConsentSerializer}, operation_id="record_consent")
    def post(self, request: Request, identity: str) -> Response:
        """Record that the member gave or withdrew a consent."""
        given = ConsentInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._record(request, identity, given.validated_data))

    def _record(self, request: Request, identity: str, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        now = clock.now()
        said = Said(
            purpose=given["purpose"], decision=Decision(given["decision"]), version=given.get("version", 0),
            method=given["method"], language=given["language"], channel=given["channel"], place=given["place"],
        )  # fmt: skip
        consent = services.record_consent(
            member_id=member_of(identity).pk, said=said, request_key=f"api:{request_key(request)}",
            at=given.get("at", now), now=now,
        )  # fmt: skip
        return 201, ConsentSerializer(consent).data
