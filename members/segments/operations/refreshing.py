"""Judging all members by all conditions at once, and writing who joined and who left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from loyalty.kernel import scope
from members.segments.documents import levels, referred
from members.segments.models import BITS, RefreshState, Segment, SegmentKind
from members.segments.queries import scan
from members.segments.queries.ground import ground_at
from members.segments.sql import Parameters, Wanted, select_members, within

CHANGED = "CREATE TEMPORARY TABLE segment_changes ON COMMIT DROP AS {parts}"
CHANGED_PART = """
    ({judged}
    SELECT n.member_id, n.word, n.mask, coalesce(k.mask, 0) AS was
    FROM ({masks}) n
    LEFT JOIN members_segment_mask k
      ON k.member_id = n.member_id AND k.word = n.word AND k.program_id = {program}{within}
    WHERE n.mask <> coalesce(k.mask, 0))
"""
WRITE = """
    WITH bits AS (
      SELECT * FROM unnest(%(segments)s::bigint[], %(words)s::int[], %(bits)s::bigint[]) b(segment_id, word, bit)
    ), kept AS (
      INSERT INTO members_segment_mask (program_id, member_id, word, mask)
      SELECT %(program)s::bigint, member_id, word, mask FROM segment_changes
      ON CONFLICT (member_id, word) DO UPDATE SET mask = excluded.mask
    ), gone AS (
      UPDATE members_segment_member s SET ended_at = %(at)s::timestamptz
      FROM segment_changes c JOIN bits b ON b.word = c.word AND (c.was & b.bit) <> 0 AND (c.mask & b.bit) = 0
      WHERE s.member_id = c.member_id AND s.segment_id = b.segment_id AND s.ended_at IS NULL
      RETURNING s.segment_id
    ), come AS (
      INSERT INTO members_segment_member (program_id, segment_id, member_id, since_at, cause)
      SELECT %(program)s::bigint, b.segment_id, c.member_id, %(at)s::timestamptz, 'refresh'
      FROM segment_changes c JOIN bits b ON b.word = c.word AND (c.mask & b.bit) <> 0 AND (c.was & b.bit) = 0
      RETURNING segment_id
    )
    SELECT segment_id, sum(joined)::bigint, sum("left")::bigint FROM (
      SELECT segment_id, 1 AS joined, 0 AS "left" FROM come UNION ALL SELECT segment_id, 0, 1 FROM gone
    ) moved GROUP BY segment_id
"""


@dataclass(frozen=True, slots=True)
class Moves:
    """How many members joined and left a segment."""

    joined: int = 0
    left: int = 0


def lock_dynamic() -> list[Segment]:
    """The segments by a condition that are in use, locked in the order of their keys: refreshes go one after another."""
    rows = Segment.objects.select_for_update(no_key=True).filter(kind=SegmentKind.DYNAMIC, archived_at__isnull=True)
    return list(rows.order_by("pk"))


def refresh(segments: Sequence[Segment], at: datetime) -> dict[int, Moves]:
    """Judge every member by the conditions of all ``segments`` in one scan and write the differences alone.

    ``segments`` are all of the program by a condition, locked. Their counts and times are written too.
    """
    moves: dict[int, Moves] = {}
    if segments:
        with connection.cursor() as cursor:
            # Counted rows of a table of this transaction: without them the writes below would be planned for any number.
            scan.prepare(cursor)
            text, values = _changes(segments, at)
            cursor.execute(text, values)
            scan.restore(cursor)
            cursor.execute("ANALYZE segment_changes")
            cursor.execute(WRITE, _places(segments, at))
            moves = {key: Moves(joined, left) for key, joined, left in cursor.fetchall()}
            cursor.execute("DROP TABLE segment_changes")
    for one in segments:
        moved = moves.setdefault(one.pk, Moves())
        one.member_count += moved.joined - moved.left
        one.refreshed_at, one.state = at, RefreshState.DONE
    Segment.objects.bulk_update(segments, ["member_count", "refreshed_at", "state"])
    return moves


def _changes(segments: Sequence[Segment], at: datetime) -> tuple[str, dict[str, Any]]:
    """The statement that finds whose bits change, with its constants."""
    asks = {one.code: referred(one.document) for one in segments}
    found = levels(asks)
    assert found is not None, "segments that ask for each other are never saved"
    wanted = [Wanted(_name(one), one.document["when"], one.code, found[one.code]) for one in segments]
    ground, parts = ground_at(at), []
    values: dict[str, Any] = {}
    for number, members in enumerate(scan.shares()):
        part, parameters = replace(ground, members=members), Parameters(f"s{number}_")
        select = select_members(part, wanted, parameters, keeps_erased=True)
        parts.append(
            CHANGED_PART.format(
                judged=select.whole(""),
                masks=_masks(segments),
                program=parameters.add(ground.program_id, "bigint"),
                within=within("k.member_id", part, parameters),
            )
        )
        values |= parameters.values
    return CHANGED.format(parts=" UNION ALL ".join(parts)), values


def _name(segment: Segment) -> str:
    return f"w{segment.position}"


def _word(segment: Segment) -> int:
    assert segment.position is not None, "a segment by a condition has a position"
    return int(segment.position) // BITS


def _bit(segment: Segment) -> int:
    assert segment.position is not None, "a segment by a condition has a position"
    return 1 << int(segment.position) % BITS


def _masks(segments: Sequence[Segment]) -> str:
    """One row a member and word: the bits of the segments that they are in; none of who was erased."""
    found = []
    for word in range(max(_word(one) for one in segments) + 1):
        bits = [f"CASE WHEN {_name(one)} THEN {_bit(one)}::bigint ELSE 0 END" for one in segments if _word(one) == word]
        mask = f"CASE WHEN is_living THEN {' | '.join(bits) or '0'} ELSE 0 END::bigint"
        found.append(f"SELECT id AS member_id, {word} AS word, {mask} AS mask FROM judged")
    return " UNION ALL ".join(found)


def _places(segments: Sequence[Segment], at: datetime) -> dict[str, Any]:
    return {
        "segments": [one.pk for one in segments],
        "words": [_word(one) for one in segments],
        "bits": [_bit(one) for one in segments],
        "program": scope.program_id(),
        "at": at,
    }


def forget(segment: Segment, at: datetime) -> None:
    """End every membership of a segment, and free its place in the masks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_segment_member SET ended_at = greatest(since_at, %s) "
            "WHERE segment_id = %s AND ended_at IS NULL",
            [at, segment.pk],
        )
        if segment.position is not None:
            cursor.execute(
                "UPDATE members_segment_mask SET mask = mask & ~%s::bigint "
                "WHERE program_id = %s AND word = %s AND mask & %s::bigint <> 0",
                [_bit(segment), scope.program_id(), _word(segment), _bit(segment)],
            )
    segment.position = None
