"""What people do with segments."""

from members.segments.services.membership import (
    UnknownMembers,
    add_listed,
    add_members,
    change_listed,
    remove_members,
)
from members.segments.services.refreshing import ask_refresh, refresh_segments
from members.segments.services.writing import (
    AskedFor,
    CodeTaken,
    NotByCondition,
    NotByHand,
    archive_segment,
    change_segment,
    create_segment,
    problems_of,
)

__all__ = [
    "AskedFor",
    "CodeTaken",
    "NotByCondition",
    "NotByHand",
    "UnknownMembers",
    "add_listed",
    "add_members",
    "archive_segment",
    "ask_refresh",
    "change_listed",
    "change_segment",
    "create_segment",
    "problems_of",
    "refresh_segments",
    "remove_members",
]
