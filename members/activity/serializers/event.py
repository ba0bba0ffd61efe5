"""Declared events as the API takes and gives them."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from loyalty.kernel.api.serializers import InstantField, StrictSerializer, refuse
from members.profiles.serializers import IdentitySerializer
from programs.setup.events import MOST_ATTRIBUTES


@extend_schema_field(OpenApiTypes.OBJECT)
class DeclaredField(serializers.Field):  # type: ignore[type-arg]
    """Attributes by name; what each must be is said by the declaration of the kind."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise refuse("invalid")
        if len(data) > MOST_ATTRIBUTES:
            raise refuse("too_many")
        return dict(data)

    def to_representation(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return dict(value)


class EventInputSerializer(StrictSerializer):
    """Something that a member did. Without ``external_id`` the header ``Idempotency-Key`` names it."""

    external_id = serializers.CharField(max_length=110, required=False)
    member = IdentitySerializer()
    kind = serializers.CharField(max_length=32)
    at = InstantField()
    attributes = DeclaredField(default=dict)


class EventSerializer(serializers.Serializer[Any]):
    """A recorded event."""

    id = serializers.UUIDField(source="public_id")
    external_id = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.CharField(source="kind.code")
    name = serializers.CharField(source="kind.name")
    at = InstantField(source="occurred_at")
    attributes = DeclaredField()
