"""Rewards over HTTP: what points buy, taking it, giving it back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock, money
from loyalty.kernel.api import paging
from loyalty.kernel.api.idempotency import answer_once, request_key
from loyalty.kernel.api.paging import Position
from loyalty.kernel.api.serializers import accept, represent
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.errors import Malformed
from members.ledger.api import balance_document
from members.profiles import queries as profiles
from rewards.catalog import queries as catalog
from rewards.catalog.models import Reward
from rewards.redemption import queries, services
from rewards.redemption.models import Redemption
from rewards.redemption.serializers import (
    CancellationInputSerializer,
    RedemptionInputSerializer,
    RedemptionSerializer,
    RewardPageSerializer,
    RewardSerializer,
)

CHANNEL = "api"


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

    @extend_schema(
        request=RedemptionInputSerializer, responses={201: RedemptionSerializer}, operation_id="redeem_reward"
    )
    def post(self, request: Request) -> Response:
        """Spend a member's points on one or more units of a reward."""
        given = accept(RedemptionInputSerializer, request.data)
        return answer_once(request, lambda: self._redeem(request, given))

    def _redeem(self, request: Request, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        member = profiles.identified(given["member"]["kind"], given["member"]["value"])
        redemption = services.redeem_reward(
            member_id=member.member_id,
            reward_id=queries.reward_named(given["reward"]),
            quantity=given["quantity"],
            request_key=f"{CHANNEL}:{request_key(request)}",
            channel=CHANNEL,
            at=clock.now(),
        )
        return 201, represent(RedemptionSerializer, redemption_document(redemption))


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
        return 200, represent(RedemptionSerializer, redemption_document(canceled))


def redemption_document(redemption: Redemption) -> dict[str, Any]:
    """One redemption as the API shows it, with the balance that its account holds now."""
    kind = redemption.reward.point_type
    return {
        "id": redemption.public_id,
        "code": redemption.code,
        "reward": redemption.reward.code,
        "quantity": redemption.quantity,
        "type": kind.code,
        "price": money.to_text(redemption.price, kind.decimals),
        "state": redemption.state,
        "redeemed_at": redemption.redeemed_at,
        "canceled_at": redemption.canceled_at,
        "reason": redemption.cancel_reason,
        "balance": balance_document(redemption.account_id)["balance"],
    }
