"""Rewards over HTTP: what points buy, taking it, giving it back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock, money, telemetry
from loyalty.kernel.api import paging
from loyalty.kernel.api.idempotency import answer_once, asked, request_key, respond
from loyalty.kernel.api.paging import Position
from loyalty.kernel.api.serializers import accept
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.errors import Malformed
from rewards.catalog import queries as catalog
from rewards.catalog.models import Reward
from rewards.redemption import queries, services
from rewards.redemption.api import gathered
from rewards.redemption.api.documents import CHANNEL, redemption_document
from rewards.redemption.serializers import (
    CancellationInputSerializer,
    RedemptionInputSerializer,
    RedemptionSerializer,
    RewardPageSerializer,
    RewardSerializer,
)


class RewardsView(ApiView):
    """The reward catalog."""

    required_scope = "rewards.read"

    @extend_schema(responses=RewardPageSerializer, parameters=paging.PARAMETERS, operation_id="list_rewards")
    def get(self, request: Request) -> Response:
        """Rewards on sale now, in the order they were added; those sold out are shown as not available."""
        limit, after = paging.limit_of(request), paging.position_of(request)
        if after is not None and after.instant is not None:
            raise Malformed(errors=[("cursor", "invalid_cursor")])
        rewards = catalog.on_sale(clock.now()).order_by("pk")
        page = list((rewards.filter(pk__gt=after.key) if after else rewards)[:limit])
        last = Position(None, page[-1].pk) if page else None
        return Response(paging.answer([RewardSerializer(reward_document(one)).data for one in page], limit, last))


def reward_document(reward: Reward) -> dict[str, Any]:
    """One reward on sale as the API shows it, in the reader's language."""
    return {
        "id": reward.public_id,
        "code": reward.code,
        "name": str(reward.name),
        "kind": reward.kind,
        "price": money.to_text(reward.price, reward.point_type.decimals),
        "type": reward.point_type.code,
        "stock": reward.stock,
        "is_available": not reward.is_sold_out,
    }


class RedemptionsView(ApiView):
    """Taking rewards."""

    required_scope = "redemptions.write"
    # Whoever works for all tells the database, once.
    is_told = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.place = self._entered.enter_context(gathered.REDEMPTIONS.coming())

    @extend_schema(
        request=RedemptionInputSerializer, responses={201: RedemptionSerializer}, operation_id="redeem_reward"
    )
    def post(self, request: Request) -> Response:
        """Spend a member's points on one or more units of a reward."""
        given = accept(RedemptionInputSerializer, request.data)
        requested = gathered.Requested(
            kind=given["member"]["kind"], value=given["member"]["value"], reward=given["reward"],
            quantity=given["quantity"], request_key=f"{CHANNEL}:{request_key(request)}", at=clock.now(),
            origin=telemetry.origin(),
        )  # fmt: skip
        return respond(gathered.redeem(self.place, asked(request, requested)))


class CancellationView(ApiView):
    """Giving a reward back."""

    required_scope = "redemptions.write"

    @extend_schema(
        request=CancellationInputSerializer, responses={200: RedemptionSerializer}, operation_id="cancel_redemption"
    )
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """Cancel a redemption whole: points return to the lots they came from, with their expiry; units to the stock."""
        given = CancellationInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._cancel(request, redemption_id, given.validated_data["reason"]))

    def _cancel(self, request: Request, redemption_id: UUID, reason: str) -> tuple[int, Mapping[str, Any]]:
        found = queries.redemption_of(redemption_id)
        canceled = services.cancel_redemption(
            redemption_id=found.pk, reason=reason, request_key=f"{CHANNEL}:{request_key(request)}", at=clock.now()
        )
        return 200, redemption_document(canceled)
