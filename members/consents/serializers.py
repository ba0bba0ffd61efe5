"""Consents as the API takes and gives them."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from loyalty.kernel.api.serializers import InstantField, KindField, StrictSerializer, refuse
from members.consents.models import Decision, Method

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class ConsentInputSerializer(StrictSerializer):
    """What a member said. ``version`` is that of the text they saw, needed to give; ``at`` is now unless given."""

    purpose = serializers.CharField(max_length=32)
    decision = KindField(Decision.values)
    version = serializers.IntegerField(min_value=1, required=False)
    method = KindField(Method.values)
    language = KindField(LANGUAGES)
    channel = serializers.CharField(max_length=20)
    place = serializers.CharField(max_length=80, allow_blank=True, default="")
    at = InstantField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["decision"] == Decision.GIVEN and "version" not in attrs:
            raise serializers.ValidationError({"version": refuse("required").detail})
        return attrs


class ConsentSerializer(serializers.Serializer[Any]):
    """One giving or withdrawal with its proof."""

    id = serializers.UUIDField(source="public_id")
    decision = serializers.ChoiceField(Decision.values)
    version = serializers.IntegerField(source="text.version")
    method = serializers.ChoiceField(Method.values)
    language = serializers.ChoiceField(LANGUAGES)
    channel = serializers.CharField()
    place = serializers.CharField()
    recorded_by = serializers.CharField(source="actor_label")
    at = InstantField(source="occurred_at")
    recorded_at = InstantField()


class StandingSerializer(serializers.Serializer[Any]):
    """One purpose: the words that hold now, whether the member agreed, and everything that they said about it.

    ``is_of_older_text``: they agreed to words that have changed since.
    """

    purpose = serializers.CharField(source="purpose.code")
    name = serializers.CharField(source="purpose.name")
    version = serializers.IntegerField(source="present.version")
    text = serializers.CharField(source="present.text")
    is_given = serializers.BooleanField()
    is_of_older_text = serializers.BooleanField()
    history = ConsentSerializer(many=True)


class StandingsSerializer(serializers.Serializer[Any]):
    results = StandingSerializer(many=True)
