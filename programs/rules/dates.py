"""Calendar arithmetic in local dates: months, periods, windows of history."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def local(at: datetime, zone: tzinfo) -> datetime:
    """The instant as naive local time."""
    # Of two instants with a fixed offset that are equal the local time is the same. In zones a doubled hour is its own equal.
    return _local_of(at, zone) if type(at.tzinfo) is timezone else at.astimezone(zone).replace(tzinfo=None)


@lru_cache(maxsize=4096)
def _local_of(at: datetime, zone: tzinfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def instant(naive: datetime, zone: tzinfo) -> datetime:
    """A local time as an instant. A skipped time moves on by the gap; of a doubled one the first is meant."""
    return naive.replace(tzinfo=zone).astimezone(UTC)


def start_of(day: date, zone: tzinfo) -> datetime:
    """The instant at which a local day starts."""
    return instant(datetime.combine(day, time()), zone)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or its last day (C21)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def anniversary(day: date, year: int) -> date:
    """The anniversary in a year; 29 February is 28 February in a year that has none (C21)."""
    return add_months(day, (year - day.year) * 12)


def start_of_period(period: str, day: date) -> date:
    """First local day of the day, week (Monday), month, quarter or year of ``day``."""
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    if period == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    assert period == "year", period
    return date(day.year, 1, 1)


def next_period(period: str, day: date) -> date:
    """First day after the period of ``day``."""
    start = start_of_period(period, day)
    if period == "day":
        return start + DAY
    if period == "week":
        return start + timedelta(days=7)
    return add_months(start, {"month": 1, "quarter": 3, "year": 12}[period])


def period_key(period: str, day: date) -> str:
    """Name of the period of ``day``."""
    if period == "lifetime":
        return "lifetime"
    if period == "day":
        return day.isoformat()
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if period == "month":
        return f"{day.year}-{day.month:02d}"
    if period == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    assert period == "year", period
    return str(day.year)


def history_window(window: Mapping[str, Any] | None, today: date) -> tuple[date | None, date]:
    """First and last local day of a window of history, both included (C12); no first day means all time.

    A window of hours starts on the local day that can hold its first hour.
    """
    if not window:
        return None, today
    if "last_days" in window:
        return today - timedelta(days=int(window["last_days"]) - 1), today
    if "last_months" in window:
        return add_months(today, -int(window["last_months"])) + DAY, today
    if "last_hours" in window:
        return today - timedelta(days=int(window["last_hours"]) // 24 + 1), today
    if "this" in window:
        return start_of_period(window["this"], today), today
    if "previous" in window:
        this = start_of_period(window["previous"], today)
        return start_of_period(window["previous"], this - DAY), this - DAY
    return parse_date(window["since"]), today


def parse_date(text: str) -> date:
    """The day of an ISO date or date and time."""
    return date.fromisoformat(text[:10])


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """An ISO date, local date and time, or instant with offset, as an instant."""
    moment = datetime.fromisoformat(text)
    return instant(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)
