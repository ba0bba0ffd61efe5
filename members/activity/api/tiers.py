"""``/members/{identity}/tiers``: where a member stands, and tiers given by hand."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api.idempotency import answer_once
from loyalty.kernel.api.views import ApiView
from members.activity import tiering
from members.activity.serializers.tiers import TierGrantSerializer, TiersSerializer
from members.profiles.api import member_of
from members.profiles.models import Member


class TiersView(ApiView):
    """Tiers of one member."""

    required_scope = "members.read"
    scope_to_write = "tiers.write"

    @extend_schema(responses=TiersSerializer, operation_id="list_tiers")
    def get(self, request: Request, identity: str) -> Response:
        """The tier in each scheme, what counts now, and what is missing for the next one and to keep this one."""
        return Response(_standings(member_of(identity)))

    @extend_schema(request=TierGrantSerializer, responses={201: TiersSerializer}, operation_id="grant_tier")
    def post(self, request: Request, identity: str) -> Response:
        """Give a tier above the present one, valid up to and including `last_day` or for ever."""
        given = TierGrantSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def act() -> tuple[int, Mapping[str, Any]]:
            member, values = member_of(identity), given.validated_data
            tiering.grant_tier(
                member_id=member.pk, scheme=values["scheme"], tier=values["tier"], until=given.first_day_without,
                note=values["note"], at=clock.now(),
            )  # fmt: skip
            return 201, _standings(member)

        return answer_once(request, act)


def _standings(member: Member) -> Mapping[str, Any]:
    return TiersSerializer({"tiers": tiering.standings(member, at=clock.now())}).data
