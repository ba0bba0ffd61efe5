"""Members put into a segment by hand and taken out, one statement however many."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection
from django.db.models import Count

from loyalty.kernel import scope
from members.segments.models import Segment, SegmentKind, SegmentMember
from members.segments.queries.finding import in_force


def lock_segment(code: str) -> Segment | None:
    """A segment in use, locked; nothing when there is none of this code."""
    found: Segment | None = (
        Segment.objects.select_for_update(no_key=True).filter(code=code, archived_at__isnull=True).first()
    )
    return found


def add(
    segment_id: int,
    member_ids: Iterable[int],
    *,
    at: datetime,
    cause: str,
    cause_id: int | None = None,
    until: datetime | None = None,
) -> dict[int, int]:
    """Put members in; who is in already stays as they are. The new rows by member."""  # fmt: skip
    wanted = sorted(set(member_ids))
    end_expired([segment_id], at)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_segment_member "
            "(program_id, segment_id, member_id, since_at, until_at, cause, cause_id) "
            "SELECT %s, %s, m, %s, %s, %s, %s FROM unnest(%s::bigint[]) m "
            "ON CONFLICT (member_id, segment_id) WHERE ended_at IS NULL DO NOTHING RETURNING member_id, id",
            [scope.program_id(), segment_id, at, until, cause, cause_id, wanted],
        )
        return dict(cursor.fetchall())


def remove(segment_id: int, member_ids: Iterable[int], *, at: datetime) -> dict[int, datetime | None]:
    """Take members out. Who was in, with the moment until which they would have been."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_segment_member SET ended_at = greatest(since_at, %s) "
            "WHERE segment_id = %s AND member_id = ANY(%s::bigint[]) AND ended_at IS NULL "
            "AND (until_at IS NULL OR until_at > %s) RETURNING member_id, until_at",
            [at, segment_id, sorted(set(member_ids)), at],
        )
        return dict(cursor.fetchall())


def end_rows(rows: Iterable[tuple[int, datetime]]) -> None:
    """End memberships by their keys, where they still hold, each at its moment."""
    ended = list(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_segment_member s SET ended_at = greatest(s.since_at, r.at) "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) r(id, at) WHERE s.id = r.id AND s.ended_at IS NULL",
            [[key for key, _at in ended], [at for _key, at in ended]],
        )


def end_expired(segment_ids: Iterable[int], at: datetime) -> None:
    """Write the end of memberships whose time is over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_segment_member SET ended_at = greatest(since_at, until_at) "
            "WHERE segment_id = ANY(%s::bigint[]) AND ended_at IS NULL AND until_at <= %s",
            [list(segment_ids), at],
        )


def recount(at: datetime) -> None:
    """Count the members of the segments by hand; promotions add to them without touching the segment's row."""
    rows = list(Segment.objects.filter(kind=SegmentKind.STATIC, archived_at__isnull=True))
    end_expired([one.pk for one in rows], at)
    present = SegmentMember.objects.filter(in_force(at), segment__in=rows).values_list("segment_id")
    counted: Mapping[int, int] = dict(present.annotate(count=Count("pk")))
    for one in rows:
        one.member_count, one.refreshed_at = counted.get(one.pk, 0), at
    Segment.objects.bulk_update(rows, ["member_count", "refreshed_at"])


def count(segment: Segment, at: datetime) -> None:
    """Count the members of one segment by hand."""
    segment.member_count = SegmentMember.objects.filter(in_force(at), segment=segment).count()
    segment.refreshed_at = at
    segment.save(update_fields=["member_count", "refreshed_at"])


def end_all(segment_id: int, *, at: datetime) -> None:
    """Everybody who was put in by hand leaves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_segment_member SET ended_at = greatest(since_at, %s) "
            "WHERE segment_id = %s AND ended_at IS NULL",
            [at, segment_id],
        )
