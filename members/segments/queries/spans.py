"""Who is and was in which segment, and since when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.encoding import force_str
from django.utils.translation import pgettext

from loyalty.kernel import scope
from members.profiles.models import Member
from members.segments.models import BITS, Segment, SegmentMember

Span = tuple[str, datetime, datetime | None]
# By hand as it is; by a condition the masks, present ones without an end; and which bit is which segment: in one round trip.
SPANS = """
    SELECT s.member_id, g.code, 0, 0::bigint, s.since_at, least(s.until_at, s.ended_at)
    FROM members_segment_member s JOIN members_segment g ON g.id = s.segment_id
    WHERE s.program_id = %(program)s AND s.member_id = ANY(%(members)s) AND g.archived_at IS NULL
    UNION ALL
    SELECT member_id, NULL, word, mask, since_at, ended_at FROM members_segment_past_mask
    WHERE program_id = %(program)s AND member_id = ANY(%(members)s)
    UNION ALL
    SELECT member_id, NULL, word, mask, since_at, NULL FROM members_segment_mask
    WHERE program_id = %(program)s AND member_id = ANY(%(members)s)
    UNION ALL
    SELECT NULL, code, position, 0, recorded_at, NULL FROM members_segment
    WHERE program_id = %(program)s AND position IS NOT NULL AND archived_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Presence:
    """A member in a segment now.

    :param cause: what put them in, in the reader's language.
    """

    member: Member
    since_at: datetime
    until_at: datetime | None
    cause: str


def spans_of(member_ids: Iterable[int]) -> dict[int, list[Span]]:
    """By member: the segments in use that they are or were in, with the half-open times; one query."""
    found: dict[int, list[Span]] = {}
    masks: list[tuple[int, int, int, datetime, datetime | None]] = []
    codes: dict[int, list[tuple[int, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SPANS, {"program": scope.program_id(), "members": list(member_ids)})
        for member, code, word, mask, since, ended in cursor.fetchall():
            if member is None:
                codes.setdefault(word // BITS, []).append((word % BITS, code))
            elif code is None:
                masks.append((member, word, mask, since, ended))
            else:
                found.setdefault(member, []).append((code, since, ended))
    _add_masks(found, masks, codes)
    return found


def _add_masks(
    found: dict[int, list[Span]],
    masks: Sequence[tuple[int, int, int, datetime, datetime | None]],
    codes: dict[int, list[tuple[int, str]]],
) -> None:
    """Masks that follow each other are one span of each segment that stays in them; ``codes`` are bit and code by word."""
    begun: dict[tuple[int, str], datetime] = {}
    for member, word, mask, since, ended in sorted(masks, key=lambda one: (one[0], one[1], one[3], one[4] is None)):
        for bit, code in codes.get(word, ()):
            if mask >> bit & 1:
                begun.setdefault((member, code), since)
                if ended is None:
                    found.setdefault(member, []).append((code, begun.pop((member, code)), None))
            elif (member, code) in begun:
                found.setdefault(member, []).append((code, begun.pop((member, code)), since))


def presences(segment: Segment, rows: Sequence[Any]) -> list[Presence]:
    """What is shown of rows of :func:`finding.present_members`."""
    if not segment.is_dynamic:
        return [_by_hand(row) for row in rows]
    spans = spans_of([row.member_id for row in rows])
    since = {
        member: begun
        for member, held in spans.items()
        for code, begun, ended in held
        if code == segment.code and ended is None
    }
    cause = pgettext("segment", "the condition")
    # Who left between the two questions is shown as the first one found them.
    return [Presence(row.member, since.get(row.member_id, row.since_at), None, cause) for row in rows]


def _by_hand(row: SegmentMember) -> Presence:
    return Presence(row.member, row.since_at, row.until_at, force_str(row.get_cause_display()))
