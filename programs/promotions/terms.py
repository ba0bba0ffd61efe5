"""The terms of a promotion in short lines for its page: what it gives, when, up to how much, who pays."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import dates
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Line = tuple[str, str]


def lines(document: Mapping[str, Any], currency: str) -> list[Line]:
    """(what, terms) in the active language."""
    found: list[Line] = [(_("Kind"), _("base rule") if document.get("phase") == "base" else _("bonus"))]
    found += [(_("Gives"), _formula(effect, currency)) for effect in document["then"] if effect["effect"] == "earn"]
    found += list(_schedule(document.get("schedule", {})))
    if "audience" in document:
        found.append((_("For"), _("members who meet its conditions")))
    if "when" in document:
        found.append((_("When"), _("the basket meets its conditions")))
    found += [(_("Limit"), _limit(limit)) for limit in document.get("limits", ())]
    found += [
        (
            _("Paid by"),
            _("%(partner)s, %(percent)s %%") % {"partner": share["partner"], "percent": _percent(share["share"])},
        )
        for share in document.get("funding", ())
    ]
    return found


def _percent(share: str) -> str:
    return f"{float(share) * 100:g}"


def _formula(effect: Mapping[str, Any], currency: str) -> str:
    formula, kind = effect["formula"], effect["formula"]["kind"]
    values = {**formula, "type": effect.get("type", ""), "currency": currency}
    texts = {
        "rate": _("%(points)s %(type)s for every full %(per)s %(currency)s"),
        "fixed": _("%(points)s %(type)s"),
        "per_unit": _("%(points)s %(type)s for each piece"),
        "multiply": _("%(factor)s times the %(type)s of the base rules"),
        "table": _("%(type)s by a table"),
        "expression": _("%(type)s by a formula"),
    }
    if kind == "rate" and formula.get("step") == "proportional":
        return _("%(points)s %(type)s per %(per)s %(currency)s, in proportion") % values
    return texts[kind] % values


def _schedule(schedule: Mapping[str, Any]) -> Iterator[Line]:
    if "from" in schedule or "to" in schedule:
        yield _("Period"), f"{schedule.get('from', '…')} – {schedule.get('to', '…')}"
    if "weekdays" in schedule:
        yield _("Days"), ", ".join(str(dates.WEEKDAYS[day - 1]) for day in schedule["weekdays"])
    if "times" in schedule:
        yield _("Times"), ", ".join(f"{first}–{last}" for first, last in schedule["times"])


def _limit(limit: Mapping[str, Any]) -> str:
    periods = {
        "day": _("a day"), "week": _("a week"), "month": _("a month"), "quarter": _("a quarter"), "year": _("a year"),
    }  # fmt: skip
    scopes = {
        "member": _("for each member"), "transaction": _("for each purchase"), "promotion": _("for everybody together"),
        "account": _("for each account"), "store": _("in each store"), "partner": _("at each partner"),
    }  # fmt: skip
    measure = limit.get("measure", "points")
    if measure == "uses":
        count = int(limit["max"])
        amount = ngettext("at most %(count)s time", "at most %(count)s times", count) % {"count": count}
    elif measure == "value":
        amount = _("at most a value of %(max)s") % limit
    else:
        amount = _("at most %(max)s points") % limit
    return _("%(amount)s %(period)s, %(scope)s") % {
        "amount": amount,
        "period": periods.get(limit.get("period", ""), _("in all")),
        "scope": scopes.get(limit["scope"], limit["scope"]),
    }
