"""``/members/{identity}/offers``: what runs for a member."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api import paging
from loyalty.kernel.api.paging import Position
from loyalty.kernel.api.serializers import InstantField
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.text import Texts
from members.activity import offers
from members.activity.offers import Offer
from members.profiles.api import member_of


class OfferSerializer(serializers.Serializer[Any]):
    """A promotion open to the member. ``text`` says its terms; ``remaining_uses`` is empty where uses have no limit."""

    code = serializers.CharField()
    name = serializers.CharField()
    text = serializers.CharField()
    starts_at = InstantField(allow_null=True)
    ends_at = InstantField(allow_null=True)
    remaining_uses = serializers.IntegerField(allow_null=True)


class OfferPageSerializer(serializers.Serializer[Any]):
    results = OfferSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class OffersView(ApiView):
    """The offers of one member."""

    required_scope = "members.read"

    @extend_schema(responses=OfferPageSerializer, parameters=paging.PARAMETERS, operation_id="list_offers")
    def get(self, request: Request, identity: str) -> Response:
        """Promotions that run now and that the member's own data do not close; the first to end first.

        What depends on the basket is offered: its terms stand in the text.
        """
        limit, after = paging.limit_of(request), paging.position_of(request)
        found = offers.offers(member_of(identity).pk, at=clock.now())
        page = [one for one in found if after is None or one.place > _place(after)][:limit]
        last = Position(page[-1].ends_at, page[-1].version_id) if page else None
        return Response(paging.answer([OfferSerializer(_document(one)).data for one in page], limit, last))


def _place(after: Position) -> tuple[bool, float, int]:
    return after.instant is None, after.instant.timestamp() if after.instant else 0.0, after.key


def _document(one: Offer) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": str(Texts(one.name)),
        "text": one.text,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "remaining_uses": one.remaining_uses,
    }
