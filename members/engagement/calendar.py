"""When promotions that the calendar starts are due. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from programs.rules import dates
from programs.rules.schedule import minutes

FIRST_HOUR = "00:00"


def due_between(trigger: Mapping[str, Any], after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The instants of ``{"on": "schedule", "every": "day" | "week" | "month", "at", "weekday", "day"}``.

    Later than ``after``, not later than ``until``. A month without the day has it on its last one (C21); an hour that the
    clocks skip is the one after it.
    """
    day, last = dates.local(after, zone).date(), dates.local(until, zone).date()
    while day <= last:
        if _is_due(trigger, day):
            at = _instant(day, trigger.get("at", FIRST_HOUR), zone)
            if after < at <= until:
                yield at
        day += dates.DAY


def _is_due(trigger: Mapping[str, Any], day: date) -> bool:
    if trigger["every"] == "week":
        return day.isoweekday() == int(trigger.get("weekday", 1))
    if trigger["every"] == "month":
        last = dates.next_period("month", day) - dates.DAY
        return day.day == min(int(trigger.get("day", 1)), last.day)
    return True


def _instant(day: date, at: str, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time.min) + timedelta(minutes=minutes(at))
    return wall.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
