"""Redemptions as the API shows them."""

from typing import Any

from rest_framework.serializers import DateTimeField

from loyalty.kernel import money
from members.ledger import queries as books
from members.ledger.api import buckets_of
from rewards.redemption.models import Redemption, RedemptionState
from rewards.redemption.operations import Redeemed

CHANNEL = "api"
_INSTANT = DateTimeField()


def redemption_document(redemption: Redemption) -> dict[str, Any]:
    """One redemption with the balance that its account holds now, as :class:`RedemptionSerializer` describes it."""
    kind = redemption.reward.point_type
    return {
        "id": str(redemption.public_id),
        "code": redemption.code,
        "reward": redemption.reward.code,
        "quantity": redemption.quantity,
        "type": kind.code,
        "price": money.to_text(redemption.price, kind.decimals),
        "state": redemption.state,
        "redeemed_at": _INSTANT.to_representation(redemption.redeemed_at),
        "canceled_at": redemption.canceled_at and _INSTANT.to_representation(redemption.canceled_at),
        "reason": redemption.cancel_reason,
        "balance": buckets_of(books.balances(redemption.account_id)),
    }


def redeemed_document(one: Redeemed) -> dict[str, Any]:
    """What :func:`redemption_document` tells of a redemption that was just made, without reading it."""
    return {
        "id": str(one.public_id),
        "code": one.code,
        "reward": one.reward.code,
        "quantity": one.quantity,
        "type": one.reward.point_type,
        "price": money.to_text(one.price, one.reward.decimals),
        "state": RedemptionState.ISSUED.value,
        "redeemed_at": _INSTANT.to_representation(one.redeemed_at),
        "canceled_at": None,
        "reason": "",
        "balance": buckets_of(one.held),
    }
