"""The year of the data, moved by whole weeks up to the last Sunday before a given day.

Whole weeks keep what customers do by the day of the week. Wall time is moved, not the instant: a basket paid at 09:40
in New York is paid at 09:40 after the move, whatever the clocks did in between. `today` is always the caller's.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
# The local days of the data. Both are Sundays.
DATA_FIRST_DATE = date(2017, 1, 1)
DATA_LAST_DATE = date(2017, 12, 31)


def present_date(now: datetime) -> date:
    """The day where the data come from: while it is Sunday there, nobody has bought anything on Monday."""
    return now.astimezone(ZONE).date()


def last_date(today: date) -> date:
    """The last Sunday strictly before `today`: the last day of the moved data."""
    days_since_sunday = (today.weekday() + 1) % 7
    return today - timedelta(days=days_since_sunday or 7)


def shift(today: date) -> timedelta:
    """By how much the data are moved for `today`: whole weeks."""
    moved = last_date(today) - DATA_LAST_DATE
    assert moved.days % 7 == 0
    return moved


def last_months(today: date, months: int) -> tuple[date, date]:
    """The first and the last day (both included) of the last `months` calendar months of the moved data."""
    last = last_date(today)
    count = last.year * 12 + last.month - 1 - months
    year, month = divmod(count, 12)
    # As everywhere in the product: the same day of the month or, when the month is shorter, its last day.
    day = min(last.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) + timedelta(days=1), last


def moved_time(source_seconds: int, by: timedelta) -> datetime:
    """The moved instant of a stored one, in New York time.

    A wall time that the clocks skip on the day it lands on is an hour later; of a doubled one the first is meant.
    """
    wall = datetime.fromtimestamp(source_seconds, ZONE).replace(tzinfo=None) + by
    return normalized(wall)


def normalized(wall: datetime) -> datetime:
    """The New York instant of a wall time, in wall time that exists."""
    return wall.replace(tzinfo=ZONE, fold=0).astimezone(UTC).astimezone(ZONE)


def source_seconds(day: date, by: timedelta) -> int:
    """The stored second at which a moved local day begins."""
    return int(datetime.combine(day - by, time.min, ZONE).timestamp())
