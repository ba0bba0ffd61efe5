"""How many members a condition would choose, before anything is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from members.segments.queries import scan
from members.segments.queries.ground import ground_at
from members.segments.sql import Wanted, refused_parts, select_members


@dataclass(frozen=True, slots=True)
class Count:
    """How many of all members a condition chooses; of ``unknown`` it cannot be said because something is missing."""

    chosen: int
    unknown: int
    members: int


def count_members(condition: Mapping[str, Any], at: datetime) -> Count:
    """Judge all members of the program in scope by a valid condition, as of ``at``. Nothing is written."""
    select = select_members(ground_at(at), [Wanted("w0", condition)], keeps_unknown=True)
    text = "SELECT count(*) FILTER (WHERE w0), count(*) FILTER (WHERE w0 IS NULL), count(*) FROM judged"
    chosen, unknown, members = scan.rows(select.whole(text), select.parameters)[0]
    return Count(int(chosen), int(unknown), int(members))


def chosen_members(condition: Mapping[str, Any], at: datetime) -> list[int] | None:
    """The members of the program in scope for whom a valid condition is true as of ``at``.

    None for a condition with parts that only judging a member in memory can tell.
    """
    if refused_parts(condition):
        return None
    select = select_members(ground_at(at), [Wanted("w0", condition)])
    return [int(row[0]) for row in scan.rows(select.whole("SELECT id FROM judged WHERE w0"), select.parameters)]
