"""When a rule is switched on, said to somebody who came at another time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list

from loyalty.kernel.phrases import gettext as _


def only_on(schedule: Mapping[str, Any], local_time: str) -> str:
    """Why a schedule kept a rule from a purchase at ``local_time`` (of the shop, as the explanation has it)."""
    at = datetime.fromisoformat(local_time)
    if schedule.get("from") and at < _local(schedule["from"]):
        return _("Not applied: it starts on %(day)s") % {"day": _day(schedule["from"])}
    if schedule.get("to") and at >= _local(schedule["to"]):
        return _("Not applied: it ended on %(day)s") % {"day": _day(schedule["to"])}
    if any(day in (at.date().isoformat(), at.date().isoformat()[5:]) for day in schedule.get("blackout", ())):
        return _("Not applied: not on this day")
    return windows(schedule)


def windows(schedule: Mapping[str, Any]) -> str:
    """On which days and at which times alone a schedule is on."""
    shown = {"days": _weekdays(schedule.get("weekdays", ())), "times": _times(schedule.get("times", ()))}
    if shown["days"] and shown["times"]:
        return _("Not applied: only on %(days)s %(times)s") % shown
    if shown["days"]:
        return _("Not applied: only on %(days)s") % shown
    if shown["times"]:
        return _("Not applied: only %(times)s") % shown
    return _("Not applied: only on chosen days")


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=None)


def _day(moment: str) -> str:
    return str(formats.date_format(_local(moment).date(), "DATE_FORMAT"))


def _weekdays(days: Any) -> str:
    """Weekdays by name; the language counts them from Monday = 1, Django from Monday = 0."""
    return str(get_text_list([str(WEEKDAYS[day - 1]) for day in sorted(days)], _("and")))


def _times(windows: Any) -> str:
    return ", ".join(f"{first}–{last}" for first, last in windows)
