"""Schedules: validity in program time, weekdays, dates and times of day in the time of the shop (C11)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from programs.rules import dates
from programs.rules.context import ProgramSettings
from programs.rules.view import zone


def minutes(text: str) -> int:
    """Minutes since midnight; "24:00" is the end of the day."""
    hours, _, rest = text.partition(":")
    return int(hours) * 60 + int(rest)


def compile_schedule(document: Mapping[str, Any], settings: ProgramSettings) -> Callable[[Any], bool]:
    """A closure over a view: is the rule switched on at the time of the purchase?"""
    program_zone = zone(settings.timezone)
    start = dates.parse_moment(document["from"], program_zone) if document.get("from") else None
    end = dates.parse_moment(document["to"], program_zone) if document.get("to") else None
    blackout = _day_set(document.get("blackout"))
    is_day = _day_test(document)
    windows = [(minutes(first), minutes(last)) for first, last in document.get("times", ())]
    any_day = not blackout and is_day is None and not windows

    def is_on(view: Any) -> bool:
        at = view.at
        if (start is not None and at < start) or (end is not None and at >= end):
            return False
        if any_day:
            return True
        now: datetime = view.shop_time()
        today = now.date()
        if blackout and _in_days(today, blackout):
            return False
        if not windows:
            return is_day is None or is_day(today)
        return _in_windows(now, windows, is_day)

    return is_on


def _in_windows(now: datetime, windows: list[tuple[int, int]], is_day: Callable[[date], bool] | None) -> bool:
    """A window that ends before it starts runs over midnight and belongs to the day on which it starts."""
    minute = now.hour * 60 + now.minute
    today = now.date()
    for first, last in windows:
        runs_over_midnight = last <= first
        if minute < first and not (runs_over_midnight and minute < last):
            continue
        if minute >= last and not runs_over_midnight:
            continue
        starts_on = today if minute >= first else today - timedelta(days=1)
        if is_day is None or is_day(starts_on):
            return True
    return False


def _day_set(days: list[str] | None) -> frozenset[str]:
    return frozenset(days or ())


def _in_days(day: date, days: frozenset[str]) -> bool:
    """A day is listed as a date or, for every year, as month and day."""
    text = day.isoformat()
    return text in days or text[5:] in days


def _day_test(document: Mapping[str, Any]) -> Callable[[date], bool] | None:
    weekdays = frozenset(document.get("weekdays", ()))
    month_days = frozenset(document.get("month_days", ()))
    listed = _day_set(document.get("dates"))
    if not (weekdays or month_days or listed):
        return None

    def is_day(day: date) -> bool:
        if weekdays and day.isoweekday() not in weekdays:
            return False
        if month_days:
            from_end = day.day - monthrange(day.year, day.month)[1] - 1
            if day.day not in month_days and from_end not in month_days:
                return False
        return not listed or _in_days(day, listed)

    return is_day
