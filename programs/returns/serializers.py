"""Terms of return as the API shows them."""

from typing import Any

from rest_framework import serializers

from programs.returns.models import PointsMode


class TierNameSerializer(serializers.Serializer[Any]):
    """A tier within its scheme."""

    scheme = serializers.CharField()
    code = serializers.CharField()


class BonusSerializer(serializers.Serializer[Any]):
    """Points instead of money: so many percent of it."""

    type = serializers.CharField()
    percent = serializers.IntegerField()


class TermsSerializer(serializers.Serializer[Any]):
    """Terms of one category, tier and channel, null for all; ``until`` is the first day on which they hold no more."""

    category = serializers.CharField(allow_null=True)
    tier = TierNameSerializer(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)
    points = serializers.ChoiceField(PointsMode.values)
    gives_money = serializers.BooleanField()
    bonus = BonusSerializer(allow_null=True)
    why = serializers.CharField()


class TermsListSerializer(serializers.Serializer[Any]):
    terms = TermsSerializer(many=True)
