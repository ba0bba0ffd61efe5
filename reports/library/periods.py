"""Periods of reports: local days of the program, both ends included. Pure."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LONGEST_DAYS = 731


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from ``first`` to ``last``."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.first, datetime.min.time(), self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), datetime.min.time(), self.zone)

    @property
    def is_valid(self) -> bool:
        """Whether it ends after it begins and is not too long."""
        return self.first <= self.last and (self.last - self.first).days < LONGEST_DAYS

    @property
    def before(self) -> "Period":
        """The time of the same length just before; of whole months, as many months."""
        months = self.whole_months
        if months:
            first = self.first
            for _month in range(months):
                first = (first - timedelta(days=1)).replace(day=1)
            return Period(first, self.first - timedelta(days=1), self.zone)
        length = self.last - self.first
        return Period(self.first - length - timedelta(days=1), self.first - timedelta(days=1), self.zone)

    @property
    def whole_months(self) -> int:
        """How many whole calendar months it is; 0 when it is not."""
        if self.first.day != 1 or self.last.day != calendar.monthrange(self.last.year, self.last.month)[1]:
            return 0
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def months(self) -> list["Period"]:
        """The parts of it by calendar month, the first and last perhaps cut."""
        found, first = [], self.first
        while first <= self.last:
            end = first.replace(day=calendar.monthrange(first.year, first.month)[1])
            found.append(Period(first, min(end, self.last), self.zone))
            first = end + timedelta(days=1)
        return found


def previous(every: str, today: date, zone: ZoneInfo) -> Period:
    """The last whole day, week (Monday to Sunday) or month before ``today``."""
    if every == "day":
        yesterday = today - timedelta(days=1)
        return Period(yesterday, yesterday, zone)
    if every == "week":
        sunday = today - timedelta(days=today.weekday() + 1)
        return Period(sunday - timedelta(days=6), sunday, zone)
    assert every == "month", every
    last = today.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last, zone)


def next_run(every: str, after: datetime, zone: ZoneInfo, hour: int) -> datetime:
    """The next time of a schedule after an instant: every day, Monday or first of the month, at a local hour."""
    local = after.astimezone(zone)
    day = local.date()
    while True:
        fits = every == "day" or (every == "week" and day.weekday() == 0) or (every == "month" and day.day == 1)
        instant = datetime.combine(day, datetime.min.time().replace(hour=hour), zone)
        if fits and instant > after:
            return instant
        day += timedelta(days=1)
