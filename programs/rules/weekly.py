"""At which hours of the week, and between which instants, a schedule can be on: what the index knows of time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from programs.rules import dates
from programs.rules.context import ProgramSettings
from programs.rules.schedule import minutes
from programs.rules.view import zone

HOURS = 7 * 24
ALL_HOURS = (1 << HOURS) - 1
DAY = 24 * 60
DAY_TESTS = ("month_days", "dates", "blackout")

Validity = tuple[datetime | None, datetime | None]


def hour_of_week(now: datetime) -> int:
    """The hour of a local time, counted from Monday midnight."""
    return now.weekday() * 24 + now.hour


def hours_of(schedule: Mapping[str, Any]) -> tuple[int, bool]:
    """A bit for each hour of the week in which the schedule can be on, and whether these bits say all about it."""
    weekdays = schedule.get("weekdays") or range(1, 8)
    windows = [(minutes(first), minutes(last)) for first, last in schedule.get("times", ())] or [(0, DAY)]
    bits = 0
    for weekday in weekdays:
        for first, last in windows:
            start = (weekday - 1) * DAY + first
            end = (weekday - 1) * DAY + last + (DAY if last <= first else 0)
            for hour in range(start // 60, -(-end // 60)):
                bits |= 1 << hour % HOURS
    is_exact = all(first % 60 == last % 60 == 0 for first, last in windows)
    return bits, is_exact and not any(schedule.get(name) for name in DAY_TESTS)


def validity_of(schedule: Mapping[str, Any], settings: ProgramSettings) -> Validity:
    """The instants from which and until which the schedule can be on."""
    program_zone = zone(settings.timezone)
    start, end = schedule.get("from"), schedule.get("to")
    return (
        dates.parse_moment(start, program_zone) if start else None,
        dates.parse_moment(end, program_zone) if end else None,
    )
