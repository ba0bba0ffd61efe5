"""The history of a member's points as the API gives it."""

from typing import Any

from rest_framework import serializers

from loyalty.kernel.api.serializers import PointsField
from members.activity.serializers.answers import AppliedSerializer
from members.activity.serializers.event import EventSerializer
from members.ledger.models import EntryKind

EVENT = "event"
MOVEMENT_KINDS = [*EntryKind.values, EVENT]


class MovementSerializer(serializers.Serializer[Any]):
    """One entry of the ledger.

    ``points`` are what it changed of the member's points by type, with its sign: usable, not yet usable and owed together,
    so that points which become usable change nothing. ``transaction`` names the purchase behind it. Declared events stand
    among them with the kind ``event`` and their own facts.
    """

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(MOVEMENT_KINDS)
    at = serializers.DateTimeField()
    points = PointsField()
    transaction = serializers.CharField(allow_null=True)
    store = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    reason_name = serializers.CharField(allow_blank=True)
    applied = AppliedSerializer(many=True)
    event = EventSerializer(allow_null=True)


class HistoryPageSerializer(serializers.Serializer[Any]):
    results = MovementSerializer(many=True)
    next = serializers.CharField(allow_null=True)
