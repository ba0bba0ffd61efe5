"""When points start and stop: the ``activation`` and ``expiry`` documents of an effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from programs.rules import dates

ENDS = {"end_of_month": "month", "end_of_quarter": "quarter", "end_of_year": "year"}


@dataclass(frozen=True, slots=True)
class Inactivity:
    """Points end this long after the member's last activity; whoever knows the activity applies it."""

    days: int
    months: int


def starts_at(life: Mapping[str, Any] | None, at: datetime, timezone: str) -> datetime | None:
    """The instant from which points of a purchase at ``at`` can be spent.

    While an event is awaited (:func:`awaits`): the latest instant at which they become usable without it, or None.
    """
    if not life:
        return at
    if "on_event" in life and not set(life) & {"on", "after_days", "after_months", "at"}:
        return None
    zone = ZoneInfo(timezone)
    if "on" in life:
        return dates.start_of(date.fromisoformat(life["on"]), zone)
    return _shifted(life, at, zone)


def awaits(life: Mapping[str, Any] | None) -> str:
    """The code of the declared event that makes points usable; empty where none does."""
    return str(life.get("on_event", "")) if life else ""


def ends_at(life: Mapping[str, Any] | None, at: datetime, timezone: str) -> datetime | None:
    """The first instant at which points that count from ``at`` are no longer there; None when no date says so.

    A date is the last day on which they can be spent. Where a span without activity ends them: the end of one that begins
    at ``at``; whoever knows of activity moves it.
    """
    if not life or life.get("never"):
        return None
    zone = ZoneInfo(timezone)
    span = inactivity(life)
    if span is not None:
        return _shifted({"after_days": span.days, "after_months": span.months}, at, zone)
    if "on" in life:
        return dates.start_of(date.fromisoformat(life["on"]) + dates.DAY, zone)
    return _shifted(life, at, zone)


def inactivity(life: Mapping[str, Any] | None) -> Inactivity | None:
    """The span of inactivity after which points end, where the document names one."""
    span = life.get("after_inactivity") if life else None
    if span is None:
        return None
    return Inactivity(days=int(span.get("days", 0)), months=int(span.get("months", 0)))


def _shifted(life: Mapping[str, Any], at: datetime, zone: ZoneInfo) -> datetime:
    moment = dates.local(at, zone)
    day = dates.add_months(moment.date(), int(life.get("after_months", 0)))
    day += timedelta(days=int(life.get("after_days", 0)))
    mode = life.get("at", "same_day")
    if mode == "start_of_day":
        return dates.start_of(day, zone)
    if mode in ENDS:
        return dates.start_of(dates.next_period(ENDS[mode], day), zone)
    if day == moment.date():
        return at
    return dates.instant(datetime.combine(day, moment.time()), zone)
