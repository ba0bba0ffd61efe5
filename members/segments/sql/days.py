"""Days that are compared with a day that is known: turned into one comparison of the stored value with a constant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, floor

from members.segments.sql.parameters import Parameters, both
from members.segments.sql.values import DateValue, NumberValue
from programs.rules import dates
from programs.rules.attributes import age_on
from programs.rules.money import Number
from programs.rules.view import zone

# Nobody is older than this, and nothing that is asked for older.
OLDEST = 200
# From the first to before the second of these days every fourth year is a leap year, and the days of the year repeat.
CYCLE, CYCLE_ENDS, CYCLE_DAYS = date(1900, 3, 1), date(2100, 3, 1), 4 * 365 + 1


class AgeValue(NumberValue):
    """Full years on a known day of who was born on the day ``birthday``."""

    def __init__(self, sql: str, birthday: str, day: date) -> None:
        super().__init__(sql)
        self._birthday, self._day = birthday, day

    def ordered(self, cmp: str, bounds: Sequence[Number], parameters: Parameters) -> str:
        """A comparison with numbers, as a range of birthdays."""
        low, high = _whole_range(cmp, bounds)
        parts = []
        if low is not None:
            parts.append(self._born(low, "<=", parameters))
        if high is not None:
            parts.append(self._born(high + 1, ">", parameters))
        return both(*parts)

    def _born(self, age: int, sign: str, parameters: Parameters) -> str:
        return f"({self._birthday} {sign} {parameters.add(latest_birthday(age, self._day), 'date')})"


class LocalDayValue(DateValue):
    """The local day of an instant; compared with a day as instants, whose zone nobody has to look up row by row."""

    def __init__(self, sql: str, instant: str, timezone: str) -> None:
        super().__init__(sql)
        self._instant, self._timezone = instant, timezone

    def ordered(self, cmp: str, bounds: Sequence[date], parameters: Parameters) -> str:
        """A comparison with days."""
        return ordered_day(self._instant, cmp, bounds, self._timezone, parameters)


def ordered_day(instant: str, cmp: str, bounds: Sequence[date], timezone: str, parameters: Parameters) -> str:
    """Whether the local day of an instant stands so to one day, or between two, both included."""

    def start(day: date) -> str:
        return parameters.add(dates.start_of(day, zone(timezone)), "timestamptz")

    first, last = bounds[0], bounds[-1]
    if cmp in ("between", "eq"):
        return f"({instant} >= {start(first)} AND {instant} < {start(last + dates.DAY)})"
    if cmp == "ne":
        return f"({instant} < {start(first)} OR {instant} >= {start(first + dates.DAY)})"
    sign, day = {
        "gte": (">=", first), "gt": (">=", first + dates.DAY), "lt": ("<", first), "lte": ("<", first + dates.DAY),
    }[cmp]  # fmt: skip
    return f"({instant} {sign} {start(day)})"


def _whole_range(cmp: str, bounds: Sequence[Number]) -> tuple[int | None, int | None]:
    """The whole numbers for which the comparison holds, both ends included."""
    first, last = bounds[0], bounds[-1]
    if cmp == "between":
        return ceil(first), floor(last)
    if cmp in ("gte", "gt"):
        return (ceil(first) if cmp == "gte" else floor(first) + 1), None
    return None, (floor(first) if cmp == "lte" else ceil(first) - 1)


def latest_birthday(age: int, day: date) -> date:
    """The last day on which somebody was born who has turned ``age`` by the day (C21)."""
    if age > min(OLDEST, day.year - 2):
        return date.min
    if age <= day.year - date.max.year + 1:
        return date.max
    about = date(day.year - age, day.month, min(day.day, 28))
    return max(born for born in (about + timedelta(days=shift) for shift in range(-1, 4)) if age_on(born, day) >= age)


def birthdays_between(first: date, last: date) -> list[int] | None:
    """Days of the year, as month x 100 + day, of those whose anniversary (C21) is one of the days; None for all."""
    count = (last - first).days + 1
    if count >= 366:
        return None
    found = set()
    for shift in range(count):
        day = first + timedelta(days=shift)
        found.add(day.month * 100 + day.day)
        if dates.anniversary(date(2000, 2, 29), day.year) == day:
            found.add(229)
    return sorted(found)


def days_of_cycle(days: Sequence[int]) -> list[int]:
    """The same days of the year (month x 100 + day), as days since ``CYCLE`` modulo ``CYCLE_DAYS``."""
    wanted = set(days)
    cycle = (CYCLE + timedelta(days=number) for number in range(CYCLE_DAYS))
    return [number for number, day in enumerate(cycle) if day.month * 100 + day.day in wanted]


def on_days_of_year(day: str, days: Sequence[int], parameters: Parameters) -> str:
    """Whether a day falls on one of the days of the year (month x 100 + day); its month is taken apart only where it must."""
    first, last = parameters.add(CYCLE, "date"), parameters.add(CYCLE_ENDS, "date")
    in_cycle = parameters.add(days_of_cycle(days), "int[]")
    apart = parameters.add([float(one) for one in days], "float8[]")
    return (
        f"CASE WHEN {day} >= {first} AND {day} < {last} THEN mod({day} - {first}, {CYCLE_DAYS}) = ANY({in_cycle}) "
        f"ELSE date_part('month', {day}) * 100 + date_part('day', {day}) = ANY({apart}) END"
    )
