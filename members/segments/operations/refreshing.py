"""Judging all members by all conditions at once, and writing who joined and who left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from loyalty.kernel import scope
from members.segments.documents import levels, referred
from members.segments.models import RefreshState, Segment, SegmentKind
from members.segments.queries import scan
from members.segments.queries.ground import ground_at
from members.segments.sql import Parameters, Wanted, select_members, within

CHANGED = "CREATE TEMPORARY TABLE segment_changes ON COMMIT DROP AS {parts}"
CHANGED_PART = """
    ({judged}
    SELECT n.member_id, n.word, n.mask, coalesce(k.mask, 0) & n.live AS was, k.ctid AS place
    FROM ({masks}) n
    LEFT JOIN members_segment_mask k
      ON k.member_id = n.member_id AND k.word = n.word AND k.program_id = {program}{within}
    WHERE n.mask <> coalesce(k.mask, 0) & n.live)
"""
# What a mask was is kept before it is changed. Refreshes go one after another: nobody else adds a first mask, and each is
# still where the scan of the same transaction found it, which is nearer than the index. The member is compared because
# places are of one partition; in a form that no index answers.
KEEP = """
    WITH changed AS (
      UPDATE members_segment_mask k SET mask = c.mask, since_at = greatest(k.since_at, %(at)s::timestamptz)
      FROM segment_changes c
      WHERE k.ctid = c.place AND k.member_id IS NOT DISTINCT FROM c.member_id AND k.program_id = %(program)s
      RETURNING k.member_id, k.word, old.mask, old.since_at, new.since_at AS ended_at
    )
    INSERT INTO members_segment_past_mask (program_id, member_id, word, mask, since_at, ended_at)
    SELECT %(program)s::bigint, member_id, word, mask, since_at, ended_at FROM changed
"""
# In the order in which every scan reads them: two processes found them.
ADD = """
    INSERT INTO members_segment_mask (program_id, member_id, word, mask, since_at)
    SELECT %(program)s::bigint, member_id, word, mask, %(at)s::timestamptz FROM segment_changes WHERE place IS NULL
    ORDER BY member_id, word
"""
MOVED = """
    SELECT b.segment_id, coalesce(sum(c.members) FILTER (WHERE c.was & b.bit = 0), 0)::bigint,
      coalesce(sum(c.members) FILTER (WHERE c.mask & b.bit = 0), 0)::bigint
    FROM (SELECT word, was, mask, count(*) AS members FROM segment_changes GROUP BY 1, 2, 3) c
    JOIN unnest(%(segments)s::bigint[], %(words)s::int[], %(bits)s::bigint[]) b(segment_id, word, bit)
      ON b.word = c.word AND c.mask & b.bit <> c.was & b.bit
    GROUP BY 1
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
            scan.prepare(cursor)
            text, values = _changes(segments, at)
            cursor.execute(text, values)
            scan.restore(cursor)
            places = _places(segments, at)
            scan.prepare(cursor, scan.FOR_SOME_ROWS)
            cursor.execute(KEEP, places)
            cursor.execute(ADD, places)
            scan.restore(cursor, scan.FOR_SOME_ROWS)
            cursor.execute(MOVED, places)
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


def _masks(segments: Sequence[Segment]) -> str:
    """One row a member and word: the bits of the segments that they are in; none of who was erased."""
    found = []
    for word in sorted({one.word for one in segments}):
        here = [one for one in segments if one.word == word]
        bits = " | ".join(f"CASE WHEN {_name(one)} THEN {one.bit}::bigint ELSE 0 END" for one in here)
        live = sum(one.bit for one in here)
        found.append(
            f"SELECT id AS member_id, {word} AS word, CASE WHEN is_living THEN {bits} ELSE 0 END::bigint AS mask, "
            f"{live}::bigint AS live FROM judged"
        )
    return " UNION ALL ".join(found)


def _places(segments: Sequence[Segment], at: datetime) -> dict[str, Any]:
    return {
        "segments": [one.pk for one in segments],
        "words": [one.word for one in segments],
        "bits": [one.bit for one in segments],
        "program": scope.program_id(),
        "at": at,
    }
