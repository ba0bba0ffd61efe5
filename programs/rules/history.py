"""Values over the history of a member: amount, units, purchases, days, streaks ... in a window (C12, C13).

A spec has a *base*, JSON data that comes from the history alone, and a value, the base together with the current
purchase where the rule says so. A frozen context keeps the bases, so a return needs no history. Most bases need no
purchases either, only what they come to: see :class:`Sums`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from programs.rules import dates
from programs.rules.attributes import Attribute
from programs.rules.context import HistoryPurchase, Line, ProgramSettings
from programs.rules.money import Number
from programs.rules.view import HistoryView, Truth

# What can be told from sums over purchases.
SUMMED = ("amount", "units", "purchases", "days", "days_since_last", "streak")
# Those of them that ask on which days there were purchases.
OF_DAYS = ("days", "streak")
SPEC_FIELDS = ("measure", "where", "txn_where", "window", "event", "point_type")


def canonical(document: Any) -> str:
    """The same text for the same structure, whatever the order of its fields."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def spec_key(document: Mapping[str, Any]) -> str:
    """A short stable name of a history spec; ``include_current`` and the comparison are no part of it."""
    spec = {name: document[name] for name in SPEC_FIELDS if document.get(name) is not None}
    return hashlib.sha256(canonical(spec).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class HistorySpec:
    """A compiled history value.

    :param scale: raw values divided by it are in the unit a person writes (currency, whole points).
    :param distinct: the attribute whose different values are counted, for ``distinct:<attribute>``.
    :param field: where the filter of lines asks no more than that one of ``keys`` is in a field of the line, that field.
    """

    key: str
    measure: str
    where: Truth | None
    where_slot: int | None
    txn_where: Truth | None
    window: Mapping[str, Any] | None
    event: str | None
    point_type: str
    distinct: Attribute | None
    include_current: bool
    scale: int
    field: str | None = None
    keys: frozenset[Any] = frozenset()

    @property
    def is_summed(self) -> bool:
        """Whether the base can be told from sums, of all purchases of the window or of their lines with one of the keys."""
        is_told = self.where is None or self.field is not None
        return self.measure in SUMMED and self.txn_where is None and is_told

    def raw(self, state: Any) -> Number | None:
        """The value in minor units, smallest units of points, or a count; None when there is nothing to measure."""
        base = state.history_base(self)
        return VALUES[self.measure](self, state, base)

    def value(self, state: Any) -> Number | None:
        """The value in the unit a person writes."""
        raw = self.raw(state)
        return raw if raw is None or self.scale == 1 else Fraction(raw, self.scale)

    def first_date(self, today: date, weeks_back: int | None = None) -> date | None:
        """The earliest local date of history that the spec reads; None for all of it."""
        if self.measure == "streak":
            if weeks_back is None:
                return None
            return streak_start(self, today, weeks_back)
        return dates.history_window(self.window, today)[0]


@dataclass(frozen=True, slots=True)
class Sums:
    """What purchases of a window come to, taken together.

    :param days: the local days with a purchase; left out unless the measure is one of ``OF_DAYS``.
    :param last: the latest local day with a purchase.
    """

    amount: int = 0
    units: int = 0
    purchases: int = 0
    days: frozenset[date] = frozenset()
    last: date | None = None

    def plus(self, other: Sums) -> Sums:
        """The sums of both, of which no purchase is in the other."""
        return Sums(
            self.amount + other.amount,
            self.units + other.units,
            self.purchases + other.purchases,
            self.days | other.days,
            max((last for last in (self.last, other.last) if last is not None), default=None),
        )


def sums_of(spec: HistorySpec, state: Any) -> Sums:
    """What the purchases in the history of the state come to that the spec counts."""
    found = list(_purchases(spec, state))
    days = frozenset(day for day, _, _ in found)
    return Sums(
        sum(line.paid for _, _, lines in found for line in lines),
        sum(line.units for _, _, lines in found for line in lines),
        len(found),
        days if spec.measure in OF_DAYS else frozenset(),
        max(days, default=None),
    )


def base_of_sums(spec: HistorySpec, sums: Sums, today: date) -> Any:
    """The base of a spec that ``is_summed``, as ``base_value`` finds it in the purchases themselves."""
    if spec.measure == "days":
        return _days_base(today, sums.days)
    if spec.measure == "days_since_last":
        return None if sums.last is None else (today - sums.last).days
    if spec.measure == "streak":
        return _streak_base(spec, today, sums.days)
    return {"amount": sums.amount, "units": sums.units, "purchases": sums.purchases}[spec.measure]


def streak_period(spec: HistorySpec) -> str:
    return str((spec.window or {}).get("this", "week"))


def streak_start(spec: HistorySpec, today: date, periods: int) -> date:
    """First day of the period that lies ``periods`` before the current one."""
    day = dates.start_of_period(streak_period(spec), today)
    for _ in range(periods):
        day = dates.start_of_period(streak_period(spec), day - dates.DAY)
    return day


def base_value(spec: HistorySpec, state: Any) -> Any:
    """What the history alone gives; JSON data."""
    if spec.measure == "events":
        return _events(spec, state)
    found = list(_purchases(spec, state))
    return BASES[spec.measure](spec, state, found)


def _purchases(spec: HistorySpec, state: Any) -> Any:
    """Earlier purchases in the window that pass both filters, with their date and their matching lines."""
    window = spec.window if spec.measure != "streak" else None
    first, last = dates.history_window(window, state.today)
    since = state.at - timedelta(hours=int(window["last_hours"])) if window and "last_hours" in window else None
    for day, purchase in state.dated_history():
        if (first is not None and day < first) or day > last or (since is not None and purchase.at < since):
            continue
        view = HistoryView(state.context, state.settings, purchase)
        if spec.txn_where is not None and spec.txn_where(view, None) is not True:
            continue
        lines = purchase.lines
        if spec.where is not None:
            lines = tuple(line for line in lines if spec.where(view, line) is True)
            if not lines:
                continue
        yield day, purchase, lines


def _events(spec: HistorySpec, state: Any) -> int:
    zone = state.program_zone
    first, last = dates.history_window(spec.window, state.today)
    hours = (spec.window or {}).get("last_hours")
    since = state.at - timedelta(hours=int(hours)) if hours else None
    count = 0
    for event in state.context.events:
        day = dates.local(event.at, zone).date()
        if event.at >= state.at or event.type != spec.event or day > last:
            continue
        if (first is None or day >= first) and (since is None or event.at >= since):
            count += 1
    return count


Found = list[tuple[date, HistoryPurchase, tuple[Line, ...]]]


def _streak_base(spec: HistorySpec, today: date, days: Iterable[date]) -> list[int]:
    """Periods in a row that end with the one before the current, and whether the current one has a purchase."""
    period = streak_period(spec)
    present = {dates.start_of_period(period, day) for day in days}
    current = dates.start_of_period(period, today)
    here = dates.start_of_period(period, current - dates.DAY)
    count = 0
    while here in present:
        count += 1
        here = dates.start_of_period(period, here - dates.DAY)
    return [count, int(current in present)]


def values_of(attribute: Attribute, view: Any, lines: tuple[Line, ...]) -> set[str]:
    """The different values of an attribute over lines, as text."""
    values: set[str] = set()
    for line in lines:
        value = attribute.get(view, line)
        if isinstance(value, list | tuple | set | frozenset):
            values.update(str(one) for one in value)
        elif value is not None:
            values.add(str(value))
    return values


def _distinct_base(spec: HistorySpec, state: Any, found: Found) -> list[str]:
    values: set[str] = set()
    assert spec.distinct is not None
    for _, purchase, lines in found:
        values |= values_of(spec.distinct, HistoryView(state.context, state.settings, purchase), lines)
    return sorted(values)


def _days_base(today: date, days: Collection[date]) -> list[int]:
    """Days with a purchase, and whether today is one of them."""
    return [len(days), int(today in days)]


def _days_since(spec: HistorySpec, state: Any, found: Found) -> int | None:
    return (state.today - max(day for day, _, _ in found)).days if found else None


BASES: dict[str, Callable[[HistorySpec, Any, Found], Any]] = {
    "amount": lambda spec, state, found: sum(line.paid for _, _, lines in found for line in lines),
    "units": lambda spec, state, found: sum(line.units for _, _, lines in found for line in lines),
    "purchases": lambda spec, state, found: len(found),
    "points": lambda spec, state, found: sum(one.points.get(spec.point_type, 0) for _, one, _ in found),
    "days": lambda spec, state, found: _days_base(state.today, {day for day, _, _ in found}),
    "days_since_last": _days_since,
    "streak": lambda spec, state, found: _streak_base(spec, state.today, [day for day, _, _ in found]),
    "distinct": _distinct_base,
}


def current_lines(spec: HistorySpec, state: Any) -> tuple[Line, ...]:
    """Lines of the current purchase that the spec counts; none when it is not a purchase or does not pass."""
    if not state.lines or (spec.txn_where is not None and spec.txn_where(state, None) is not True):
        return ()
    if spec.where_slot is None:
        return tuple(state.lines)
    return tuple(state.lines[position] for position in state.matching(spec.where_slot))


def _summed(measure: Callable[[tuple[Line, ...]], int]) -> Callable[[HistorySpec, Any, Any], Number | None]:
    def value(spec: HistorySpec, state: Any, base: Any) -> Number | None:
        return int(base) + (measure(current_lines(spec, state)) if spec.include_current else 0)

    return value


def _days_value(spec: HistorySpec, state: Any, base: Any) -> Number | None:
    count, has_today = base
    return int(count) + int(bool(spec.include_current and not has_today and current_lines(spec, state)))


def _days_since_value(spec: HistorySpec, state: Any, base: Any) -> Number | None:
    if spec.include_current and current_lines(spec, state):
        return 0
    return None if base is None else int(base)


def _streak_value(spec: HistorySpec, state: Any, base: Any) -> Number | None:
    """The current period counts when it holds a purchase; the current purchase is one."""
    count, has_current = base
    return int(count) + int(bool(has_current or current_lines(spec, state)))


def _distinct_value(spec: HistorySpec, state: Any, base: Any) -> Number | None:
    if not spec.include_current or spec.distinct is None:
        return len(base)
    return len(set(base) | values_of(spec.distinct, state, current_lines(spec, state)))


VALUES: dict[str, Callable[[HistorySpec, Any, Any], Number | None]] = {
    "amount": _summed(lambda lines: sum(line.paid for line in lines)),
    "units": _summed(lambda lines: sum(line.units for line in lines)),
    "purchases": _summed(lambda lines: int(bool(lines))),
    "points": lambda spec, state, base: int(base),
    "events": lambda spec, state, base: int(base),
    "days": _days_value,
    "days_since_last": _days_since_value,
    "streak": _streak_value,
    "distinct": _distinct_value,
}


def scale_of(measure: str, point_type: str, settings: ProgramSettings) -> int:
    """What raw values of a measure are divided by to be in the unit a person writes."""
    if measure == "amount":
        return settings.money_scale
    return settings.point_scale(point_type) if measure == "points" else 1
