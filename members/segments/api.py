"""``/segments``: which there are, who is in them, members in and out of those by hand, and counting anew."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api import paging
from loyalty.kernel.api.idempotency import answer_once
from loyalty.kernel.api.paging import Position
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.errors import NotFound
from members.segments import services
from members.segments.models import Segment
from members.segments.queries import finding
from members.segments.queries.spans import presences
from members.segments.serializers import (
    MembersAnswerSerializer,
    MembersInputSerializer,
    RefreshSerializer,
    SegmentMemberPageSerializer,
    SegmentMemberSerializer,
    SegmentPageSerializer,
    SegmentSerializer,
)


class SegmentsView(ApiView):
    """The segments in use."""

    required_scope = "segments.read"

    @extend_schema(responses=SegmentPageSerializer, operation_id="list_segments")
    def get(self, request: Request) -> Response:
        """All segments in use, by code."""
        return Response({"results": SegmentSerializer(finding.segments(), many=True).data})


class SegmentMembersView(ApiView):
    """Who is in one segment."""

    required_scope = "segments.read"
    scope_to_write = "segments.write"

    @extend_schema(
        responses=SegmentMemberPageSerializer, parameters=paging.PARAMETERS, operation_id="list_segment_members"
    )
    def get(self, request: Request, code: str) -> Response:
        """The members of a segment: by hand the last who joined first, by a condition the last who was in any first."""
        limit, after = paging.limit_of(request), paging.position_of(request)
        segment = _segment(code)
        found = finding.present_members(segment, clock.now()).order_by("-pk")
        rows = list((found.filter(pk__lt=after.key) if after is not None else found)[:limit])
        last = Position(None, rows[-1].pk) if rows else None
        return Response(
            paging.answer([SegmentMemberSerializer(one).data for one in presences(segment, rows)], limit, last)
        )

    @extend_schema(
        request=MembersInputSerializer, responses=MembersAnswerSerializer, operation_id="change_segment_members"
    )
    def post(self, request: Request, code: str) -> Response:
        """Put members into a segment by hand and take members out: all that are named, or none."""
        given = MembersInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._change(code, given.validated_data))

    def _change(self, code: str, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        moved = services.change_listed(code=code, add=given["add"], remove=given["remove"], now=clock.now())
        answer = {"added": moved.added, "removed": moved.removed, "members": _segment(code).member_count}
        return 200, MembersAnswerSerializer(answer).data


class SegmentRefreshView(ApiView):
    """Counting the segments anew."""

    required_scope = "segments.write"

    @extend_schema(request=None, responses={202: RefreshSerializer}, operation_id="refresh_segment")
    def post(self, request: Request, code: str) -> Response:
        """Have a job find out anew who is in the segments by a condition, this one among them."""
        _segment(code)
        return answer_once(request, self._refresh)

    def _refresh(self) -> tuple[int, Mapping[str, Any]]:
        job = services.ask_refresh()
        job.refresh_from_db()
        return 202, RefreshSerializer({"job": job.public_id, "state": job.state}).data


def _segment(code: str) -> Segment:
    """A segment in use.

    :raises NotFound: none here.
    """
    found = finding.segment_of(code)
    if found.archived_at is not None:
        raise NotFound()
    return found
