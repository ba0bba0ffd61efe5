"""The frame of a promotion in words: what starts it, when it is on, its limits, how it stands beside others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import ngettext

from loyalty.kernel.phrases import gettext as _
from programs.promotions.naming import EVENT, PARTNER, Names, number, quoted
from programs.promotions.sentence import conditions
from programs.promotions.sentence.phrases import Phrases, phrase, say

Document = Mapping[str, Any]


def trigger(document: Document, names: Names) -> Phrases:
    """What starts the promotion."""
    given = document.get("trigger", "purchase")
    on = given if isinstance(given, str) else given["on"]
    if on.startswith("event:"):
        return phrase(
            _("For the event “%(event)s”") % {"event": names.thing(EVENT, on.removeprefix("event:"))}, "trigger"
        )
    if on == "schedule":
        return phrase(_every(given), "trigger")
    if on == "metric_crossed":
        return phrase(_crossed(given, names), "trigger")
    words = {
        "purchase": _("For a purchase"),
        "return": _("For a return"),
        "redemption": _("For a redemption"),
        "enrolment": _("For joining the program"),
        "tier_changed": _("For a change of tier"),
        "points_expiring": _("Before points expire"),
        "voucher_used": _("For using a voucher"),
        "voucher_expiring": _("Before a voucher expires"),
    }
    return phrase(words[on], "trigger")


def _every(given: Any) -> str:
    shown = {"time": given.get("at", "00:00")}
    if given["every"] == "day":
        return _("Every day at %(time)s") % shown
    if given["every"] == "week":
        shown["day"] = str(WEEKDAYS[int(given.get("weekday", 1)) - 1])
        return _("Every week at %(time)s (%(day)s)") % shown
    return _("Every month at %(time)s on day %(day)s") % (shown | {"day": given.get("day", 1)})


def _crossed(given: Any, names: Names) -> str:
    metric = given["metric"]
    value = names.money(given["threshold"]) if metric["measure"] == "amount" else number(given["threshold"])
    shown = {"measure": conditions.measure(metric, names), "value": value}
    if given.get("direction", "up") == "down":
        return _("When this falls below %(value)s: %(measure)s") % shown
    return _("When this reaches %(value)s: %(measure)s") % shown


def windows(schedule: Document) -> Phrases:
    """On which days and at which times."""
    parts: list[Phrases] = []
    if "weekdays" in schedule:
        days = str(get_text_list([str(WEEKDAYS[day - 1]) for day in sorted(schedule["weekdays"])], _("and")))
        parts.append(phrase(_("on: %(days)s") % {"days": days}, "schedule/weekdays"))
    if "times" in schedule:
        times = ", ".join(
            _("from %(start)s to %(end)s") % {"start": start, "end": end} for start, end in schedule["times"]
        )
        parts.append(phrase(times, "schedule/times"))
    if "month_days" in schedule:
        days = ", ".join(str(day) for day in schedule["month_days"])
        parts.append(phrase(_("on these days of the month: %(days)s") % {"days": days}, "schedule/month_days"))
    if "dates" in schedule:
        parts.append(phrase(_("on %(days)s") % {"days": _days(schedule["dates"])}, "schedule/dates"))
    if "blackout" in schedule:
        parts.append(phrase(_("not on %(days)s") % {"days": _days(schedule["blackout"])}, "schedule/blackout"))
    found: Phrases = ()
    for part in parts:
        found = say(_("%(before)s, %(next)s"), before=found, next=part) if found else part
    return found


def _days(days: Any) -> str:
    return ", ".join(_calendar_day(day) for day in days)


def _calendar_day(text: str) -> str:
    if len(text) == len("12-24"):
        return str(date_format(datetime.fromisoformat(f"2024-{text}"), "MONTH_DAY_FORMAT"))
    return str(date_format(datetime.fromisoformat(text), "DATE_FORMAT"))


def validity(schedule: Document) -> Phrases:
    """From when until when."""
    shown = {name: _moment(schedule[name]) for name in ("from", "to") if name in schedule}
    if len(shown) == len(("from", "to")):
        text = _("from %(start)s until %(end)s") % {"start": shown["from"], "end": shown["to"]}
    elif "from" in shown:
        text = _("from %(start)s") % {"start": shown["from"]}
    elif "to" in shown:
        text = _("until %(end)s") % {"end": shown["to"]}
    else:
        return ()
    return phrase(text, "schedule/from" if "from" in schedule else "schedule/to")


def _moment(text: str) -> str:
    at = datetime.fromisoformat(text)
    is_midnight = (at.hour, at.minute) == (0, 0)
    return str(date_format(at, "DATE_FORMAT" if is_midnight else "DATETIME_FORMAT"))


def limit(document: Document, names: Names, field: str) -> Phrases:
    """How much at most, for whom, in which time."""
    measure = document.get("measure", "points")
    if measure == "uses":
        count = int(document["max"])
        amount = ngettext("at most %(count)s time", "at most %(count)s times", count) % {"count": count}
    elif measure == "value":
        amount = _("at most a value of %(max)s") % {"max": names.money(document["max"])}
    else:
        amount = _("at most %(points)s") % {"points": names.points(document["max"], document.get("type"))}
    if "rolling_days" in document:
        days = int(document["rolling_days"])
        period = ngettext("within %(count)s day", "within %(count)s days", days) % {"count": days}
    else:
        period = _periods().get(document.get("period", "lifetime"), _("in all"))
    scope = _scopes()[document["scope"]]
    is_for_ever = "rolling_days" not in document and document.get("period", "lifetime") == "lifetime"
    if document["scope"] == "transaction" or (
        is_for_ever and document["scope"] in ("promotion", "campaign", "program")
    ):
        return phrase(_("%(amount)s %(scope)s") % {"amount": amount, "scope": scope}, field)
    return phrase(_("%(amount)s %(scope)s %(period)s") % {"amount": amount, "scope": scope, "period": period}, field)


def _periods() -> Mapping[str, str]:
    return {
        "day": _("a day"), "week": _("a week"), "month": _("a month"), "quarter": _("a quarter"), "year": _("a year"),
    }  # fmt: skip


def _scopes() -> Mapping[str, str]:
    return {
        "transaction": _("for each purchase"),
        "member": _("for each member"),
        "recipient": _("for each recipient"),
        "account": _("for each account"),
        "household": _("for each household"),
        "store": _("in each store"),
        "partner": _("at each partner"),
        "promotion": _("for everybody together"),
        "campaign": _("for the whole campaign"),
        "program": _("for the whole program"),
    }


def funding(document: Document, names: Names) -> Phrases:
    """Who pays, where somebody beside the operator does."""
    shares = []
    for share in document.get("funding", ()):
        name = _("the operator") if share["partner"] == "OPERATOR" else quoted(names.thing(PARTNER, share["partner"]))
        shares.append(f"{name} {number(float(share['share']) * 100)} %")
    return phrase(_("paid by: %(payers)s") % {"payers": ", ".join(shares)}, "funding") if shares else ()


def standing(document: Document) -> list[Phrases]:
    """How the promotion stands beside others."""
    found = []
    if document.get("exclusive"):
        found.append(phrase(_("instead of all other bonuses"), "exclusive"))
    if document.get("group"):
        found.append(phrase(_("in the group “%(group)s”") % {"group": document["group"]}, "group"))
    if document.get("holdout"):
        percent = number(document["holdout"]["percent"])
        found.append(phrase(_("without a control group of %(percent)s %%") % {"percent": percent}, "holdout"))
    return found
