"""Reads of segments and of who is in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import F, Max, Q, QuerySet

from loyalty.kernel import scope
from loyalty.kernel.errors import NotFound
from loyalty.kernel.text import Texts
from members.segments.documents import referred
from members.segments.models import Segment, SegmentMask, SegmentMember
from programs.promotions.models import PromotionVersion

_NAMES = "SELECT code, name FROM members_segment WHERE program_id = ANY(%s) AND archived_at IS NULL ORDER BY code"


def segment_of(code: str) -> Segment:
    """A segment of the program in scope, an archived one too.

    :raises NotFound: none here.
    """
    found: Segment | None = Segment.objects.filter(code=code).first()
    if found is None:
        raise NotFound()
    return found


def segments() -> QuerySet[Segment]:
    """The segments in use, by code."""
    return Segment.objects.filter(archived_at__isnull=True).order_by("code")


def names() -> dict[str, str]:
    """What the segments in use are called in the reader's language, by code."""
    # Asked for each answer to a purchase, so without models.
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [list(scope.current().programs)])
        return {code: str(Texts(msgspec.json.decode(name))) for code, name in cursor.fetchall()}


def in_force(at: datetime) -> Q:
    """Which memberships hold at ``at``, of those that nobody ended."""
    return Q(ended_at__isnull=True) & (Q(until_at__isnull=True) | Q(until_at__gt=at))


def next_position() -> int:
    """The bit of the next segment by a condition: one that no other had, so that old masks stay true."""
    last = Segment.objects.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def present_members(segment: Segment, at: datetime) -> QuerySet[Any]:
    """Who is in a segment now: rows with ``member``, masks where a condition decides; :func:`presences` says more of them."""
    if not segment.is_dynamic:
        return SegmentMember.objects.filter(in_force(at), segment=segment).select_related("member")
    if segment.archived_at is not None:
        return SegmentMask.objects.none()
    rows = SegmentMask.objects.filter(word=segment.word).annotate(found=F("mask").bitand(segment.bit))
    return rows.filter(found__gt=0).select_related("member")


def users_of() -> dict[str, list[str]]:
    """By code of segment: the codes of the promotions whose version in force, or a later one, asks for it."""
    found: dict[str, set[str]] = {}
    versions = PromotionVersion.objects.filter(effective__isnull=False, effective__upper_inf=True)
    for code, document in versions.values_list("promotion__code", "document"):
        for segment in promotion_segments(document):
            found.setdefault(segment, set()).add(code)
    return {segment: sorted(codes) for segment, codes in found.items()}


def promotion_segments(document: Mapping[str, Any]) -> set[str]:
    """The segments that a promotion asks for or changes."""
    effects = [*document.get("then", ()), *document.get("else", ())]
    return referred(document) | {str(one["segment"]) for one in effects if "segment" in one}


def asked_by(code: str) -> list[str]:
    """The codes of the other segments in use that ask for this one."""
    return [one.code for one in segments() if one.code != code and code in referred(one.document)]
