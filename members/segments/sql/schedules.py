"""Schedules in SQL, as ``programs.rules.schedule`` reads them: a validity, days, and windows of the shop's day (C11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from members.segments.sql.parameters import both, either
from members.segments.sql.sight import Sight
from programs.rules import dates
from programs.rules.schedule import minutes
from programs.rules.view import zone


def during(document: Mapping[str, Any], sight: Sight) -> str:
    """Whether the schedule is on at the moment of what is seen: true or false, never unknown."""
    parts = []
    program_zone = zone(sight.ground.settings.timezone)
    for name, sign in (("from", ">="), ("to", "<")):
        if document.get(name):
            moment = sight.parameters.add(dates.parse_moment(document[name], program_zone), "timestamptz")
            parts.append(f"({sight.instant()} {sign} {moment})")
    if document.get("blackout"):
        parts.append(f"(NOT {_listed(document['blackout'], sight.day(), sight)})")
    windows = [(minutes(first), minutes(last)) for first, last in document.get("times", ())]
    if windows:
        parts.append(either(*[_window(window, document, sight) for window in windows]))
    else:
        parts.append(_day(document, sight.day(), sight))
    return both(*parts)


def _window(window: tuple[int, int], document: Mapping[str, Any], sight: Sight) -> str:
    """A window that ends before it starts runs over midnight and belongs to the day on which it starts."""
    first, last = (sight.parameters.add(one, "int") for one in window)
    clock, day = sight.clock(), sight.day()
    minute = f"(extract(hour FROM {clock})::int * 60 + extract(minute FROM {clock})::int)"
    today = _day(document, day, sight)
    if window[1] > window[0]:
        return both(f"({minute} >= {first})", f"({minute} < {last})", today)
    yesterday = _day(document, f"({day} - 1)", sight)
    return either(both(f"({minute} >= {first})", today), both(f"({minute} < {first} AND {minute} < {last})", yesterday))


def _day(document: Mapping[str, Any], day: str, sight: Sight) -> str:
    parts = []
    if document.get("weekdays"):
        weekdays = sight.parameters.add(sorted(document["weekdays"]), "int[]")
        parts.append(f"(extract(isodow FROM {day})::int = ANY({weekdays}))")
    if document.get("month_days"):
        wanted = sight.parameters.add(sorted(document["month_days"]), "int[]")
        length = f"extract(day FROM date_trunc('month', {day}::timestamp) + interval '1 month - 1 day')::int"
        number = f"extract(day FROM {day})::int"
        parts.append(f"({number} = ANY({wanted}) OR {number} - {length} - 1 = ANY({wanted}))")
    if document.get("dates"):
        parts.append(_listed(document["dates"], day, sight))
    return both(*parts)


def _listed(days: Sequence[str], day: str, sight: Sight) -> str:
    """A day is listed as a date or, for every year, as month and day."""
    listed = sight.parameters.add(sorted(set(days)), "text[]")
    return f"(to_char({day}, 'YYYY-MM-DD') = ANY({listed}) OR to_char({day}, 'MM-DD') = ANY({listed}))"
