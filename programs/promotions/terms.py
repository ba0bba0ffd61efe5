"""The terms of a promotion in short lines for its page: what it gives, when, up to how much, who pays."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import dates, formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.kernel import money
from loyalty.kernel.pages import figures
from programs.promotions.naming import Names

Line = tuple[str, str]


def lines(document: Mapping[str, Any], currency: str, names: Names | None = None) -> list[Line]:
    """(what, terms) in the active language; ``names`` are shared by whoever shows several promotions."""
    names = names or Names()
    found: list[Line] = [(_("Kind"), _("base rule") if document.get("phase") == "base" else _("bonus"))]
    earning = [effect for effect in document["then"] if effect["effect"] == "earn"]
    found += [(_("Gives"), _formula(effect, currency, names)) for effect in earning]
    found += list(_schedule(document.get("schedule", {})))
    if "audience" in document:
        found.append((_("For"), _("members who meet its conditions")))
    if "when" in document:
        found.append((_("When"), _("the basket meets its conditions")))
    types = [effect["type"] for effect in earning if "type" in effect]
    found += [
        (_("Limit"), _limit(limit, types[0] if types else "", currency, names)) for limit in document.get("limits", ())
    ]
    found += [
        (
            _("Paid by"),
            _("%(partner)s, %(percent)s %%")
            % {
                "partner": names.of("txn.partner", share["partner"]),
                "percent": figures.number(Decimal(share["share"]) * 100),
            },
        )
        for share in document.get("funding", ())
    ]
    return found


def _money(text: Any, currency: str) -> str:
    return figures.money(money.to_units(str(text), money.exponent(currency)), currency)


def _formula(effect: Mapping[str, Any], currency: str, names: Names) -> str:
    formula, kind, code = effect["formula"], effect["formula"]["kind"], effect.get("type", "")
    values = {"type": names.point_type(code)}
    if "points" in formula:
        values["points"] = names.points(Decimal(str(formula["points"])), code)
    if "per" in formula:
        values["money"] = _money(formula["per"], currency)
    if "factor" in formula:
        values["factor"] = figures.number(Decimal(str(formula["factor"])))
    texts = {
        "rate": _("%(points)s for every full %(money)s"),
        "fixed": "%(points)s",
        "per_unit": _("%(points)s for each piece"),
        "multiply": _("%(factor)s times what the base rules give: %(type)s"),
        "table": _("by a table: %(type)s"),
        "expression": _("by a formula: %(type)s"),
    }
    if kind == "rate" and formula.get("step") == "proportional":
        return _("%(points)s per %(money)s, in proportion") % values
    return texts[kind] % values


def _schedule(schedule: Mapping[str, Any]) -> Iterator[Line]:
    if "from" in schedule or "to" in schedule:
        yield _("Period"), " – ".join(_moment(schedule.get(edge)) for edge in ("from", "to"))
    if "weekdays" in schedule:
        yield _("Days"), ", ".join(str(dates.WEEKDAYS[day - 1]) for day in schedule["weekdays"])
    if "times" in schedule:
        yield _("Times"), ", ".join(f"{first}–{last}" for first, last in schedule["times"])


def _moment(text: str | None) -> str:
    """A local moment of the program as people write it; an open end is dots."""
    if not text:
        return "…"
    moment = datetime.fromisoformat(text)
    if moment.time() == datetime.min.time():
        return figures.short_date(moment.date())
    return f"{figures.short_date(moment.date())}, {formats.time_format(moment, 'H:i')}"


def _limit(limit: Mapping[str, Any], code: str, currency: str, names: Names) -> str:
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
        amount = ngettext("at most %(count)s time", "at most %(count)s times", count) % {"count": figures.count(count)}
    elif measure == "value":
        amount = _("at most a value of %(max)s") % {"max": _money(limit["max"], currency)}
    else:
        amount = _("at most %(points)s") % {"points": names.points(Decimal(str(limit["max"])), limit.get("type", code))}
    return _("%(amount)s %(period)s, %(scope)s") % {
        "amount": amount,
        "period": periods.get(limit.get("period", ""), _("in all")),
        "scope": scopes.get(limit["scope"], limit["scope"]),
    }
