"""Rewards and redemptions as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from loyalty.kernel.api.serializers import StrictSerializer, WordsField
from members.ledger.serializers import BucketsSerializer
from members.profiles.serializers import IdentitySerializer
from rewards.catalog.models import RewardKind
from rewards.redemption.models import RedemptionState
from rewards.redemption.services import MOST_AT_ONCE

LONGEST_REASON = 300


class RewardSerializer(serializers.Serializer[Any]):
    """A reward on sale. ``price`` is decimal text in points of ``type``; no ``stock`` means as many as asked for."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(RewardKind.choices)
    price = serializers.CharField()
    type = serializers.CharField()
    stock = serializers.IntegerField(allow_null=True)
    is_available = serializers.BooleanField()


class RewardPageSerializer(serializers.Serializer[Any]):
    """A page of rewards."""

    results = RewardSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class RedemptionInputSerializer(StrictSerializer):
    """Who takes how many of which reward, named by its code."""

    member = IdentitySerializer()
    reward = serializers.CharField(max_length=32)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE, default=1)


class CancellationInputSerializer(StrictSerializer):
    """Why a redemption is canceled."""

    reason = WordsField(max_length=LONGEST_REASON)


class RedemptionSerializer(serializers.Serializer[Any]):
    """A redemption, the code that is shown at the counter, and the member's balance after it.

    ``price`` is what all units cost together.
    """

    id = serializers.UUIDField()
    code = serializers.CharField()
    reward = serializers.CharField()
    quantity = serializers.IntegerField()
    type = serializers.CharField()
    price = serializers.CharField()
    state = serializers.ChoiceField(RedemptionState.choices)
    redeemed_at = serializers.DateTimeField()
    canceled_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    balance = serializers.DictField(child=BucketsSerializer())
