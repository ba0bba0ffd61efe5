"""Tiers as the API says them. Values are in the unit of the scheme's measure: points, money or purchases, as text."""

from datetime import date, timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from loyalty.kernel import money
from loyalty.kernel.api.serializers import WordsField
from members.activity.tiering import Standing
from programs.setup.models import PointType, Program


class NextTierSerializer(serializers.Serializer[Any]):
    """The tier above, and what is missing for it."""

    tier = serializers.CharField()
    threshold = serializers.CharField()
    missing = serializers.CharField()


class TierStandingSerializer(serializers.Serializer[Standing]):
    """Where a member stands in one scheme."""

    scheme = serializers.CharField(source="scheme.code")
    tier = serializers.CharField(source="tier.code")
    since = serializers.DateTimeField(allow_null=True)
    last_day = serializers.SerializerMethodField()
    is_given = serializers.BooleanField()
    measure = serializers.CharField(source="scheme.measure")
    value = serializers.SerializerMethodField("value_text")
    missing_to_keep = serializers.SerializerMethodField()
    next = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_last_day(self, one: Standing) -> str | None:
        """The last day on which the tier is valid."""
        return (one.valid_until - timedelta(days=1)).isoformat() if one.valid_until else None

    def value_text(self, one: Standing) -> str:
        """What counts now."""
        return _text(one, one.value)

    def get_missing_to_keep(self, one: Standing) -> str:
        """What is still needed to keep the tier at its review."""
        return _text(one, one.missing_to_keep)

    @extend_schema_field(NextTierSerializer(allow_null=True))
    def get_next(self, one: Standing) -> dict[str, str] | None:
        """The tier above."""
        if one.next_tier is None:
            return None
        return {
            "tier": one.next_tier.code,
            "threshold": _text(one, one.next_tier.threshold),
            "missing": _text(one, one.missing),
        }


class TiersSerializer(serializers.Serializer[Any]):
    """All schemes of the program."""

    tiers = TierStandingSerializer(many=True)


def _text(one: Standing, value: int) -> str:
    if one.scheme.measure == "points":
        return money.to_text(value, PointType.objects.get(code=one.scheme.point_type).decimals)
    return money.to_text(value, Program.objects.get().exponent) if one.scheme.measure == "amount" else str(value)


class TierGrantSerializer(serializers.Serializer[Any]):
    """A tier to be given."""

    scheme = serializers.CharField(max_length=32)
    tier = serializers.CharField(max_length=32)
    last_day = serializers.DateField(required=False, allow_null=True, default=None)
    note = WordsField(max_length=200, required=False, allow_blank=True, default="")

    @property
    def first_day_without(self) -> date | None:
        """The day after the last one."""
        last: date | None = self.validated_data["last_day"]
        return last + timedelta(days=1) if last else None
