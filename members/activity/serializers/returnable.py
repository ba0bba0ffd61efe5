"""What a caller is told before a return."""

from typing import Any

from rest_framework import serializers

from members.activity.models import Settlement
from programs.returns.models import PointsMode


class OfferedBonusSerializer(serializers.Serializer[Any]):
    """Points instead of money: so many percent of it."""

    type = serializers.CharField()
    percent = serializers.IntegerField()


class ReturnableLineSerializer(serializers.Serializer[Any]):
    """What is left of a line and on which terms it comes back; ``until`` is the last day, null without an end."""

    line_id = serializers.CharField()
    sku = serializers.CharField()
    qty = serializers.CharField()
    is_returnable = serializers.BooleanField()
    until = serializers.DateField(allow_null=True)
    points = serializers.ChoiceField(PointsMode.values)
    settlements = serializers.ListField(child=serializers.ChoiceField(Settlement.values))
    bonus = OfferedBonusSerializer(allow_null=True)
    why = serializers.CharField(allow_blank=True)


class ReturnableSerializer(serializers.Serializer[Any]):
    """The lines of a purchase with their terms of return."""

    transaction = serializers.CharField()
    lines = ReturnableLineSerializer(many=True)
