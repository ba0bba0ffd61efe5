"""Segments as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from loyalty.kernel.api.serializers import StrictSerializer
from members.segments.models import SegmentKind


class SegmentSerializer(serializers.Serializer[Any]):
    """A segment in use; ``when`` is the condition of one by a condition."""

    code = serializers.CharField()
    name = serializers.DictField(child=serializers.CharField())
    kind = serializers.ChoiceField(SegmentKind.choices)
    when = serializers.SerializerMethodField()
    members = serializers.IntegerField(source="member_count")
    refreshed_at = serializers.DateTimeField(allow_null=True)

    def get_when(self, segment: Any) -> dict[str, Any] | None:
        """The condition, nothing where members are put in by hand."""
        return segment.document.get("when")  # type: ignore[no-any-return]


class SegmentPageSerializer(serializers.Serializer[Any]):
    results = SegmentSerializer(many=True)


class SegmentMemberSerializer(serializers.Serializer[Any]):
    """A member in a segment. Nothing personal: that is at ``/members``."""

    id = serializers.UUIDField(source="member.public_id")
    number = serializers.CharField(source="member.number")
    since = serializers.DateTimeField(source="since_at")
    until = serializers.DateTimeField(source="until_at", allow_null=True)


class SegmentMemberPageSerializer(serializers.Serializer[Any]):
    results = SegmentMemberSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class MembersInputSerializer(StrictSerializer):
    """Who is put in or taken out, by member number or card."""

    add = serializers.ListField(child=serializers.CharField(max_length=64), max_length=1000, default=list)
    remove = serializers.ListField(child=serializers.CharField(max_length=64), max_length=1000, default=list)


class MembersAnswerSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    members = serializers.IntegerField()


class RefreshSerializer(serializers.Serializer[Any]):
    """The job that counts the segments; a repeat while it waits gives the same one."""

    job = serializers.UUIDField()
    state = serializers.CharField()
