"""Effects in words: what the member gets."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import ngettext

from loyalty.kernel.phrases import gettext as _
from programs.promotions.naming import Names, number, quoted
from programs.promotions.sentence import conditions, subjects
from programs.promotions.sentence.phrases import Phrases, phrase, say

Effect = Mapping[str, Any]


def effect(document: Effect, names: Names, field: str) -> Phrases:
    """One effect as a part of a sentence, with its own condition, lines and life of points."""
    what = _WORDS.get(document["effect"], _other)(document, names)
    if conditions.is_filter(document.get("where")) and document["effect"] != "nth_free":
        lines = conditions.lines(document["where"], names)
        what = _("%(what)s on these lines (%(filter)s)") % {"what": what, "filter": lines}
    said = phrase(what, field)
    for name, template in (("activation", _activation), ("expiry", _expiry)):
        if name in document:
            text = template(document[name])
            said = say(_("%(what)s, %(life)s"), what=said, life=phrase(text, f"{field}/{name}"))
    if "if" in document:
        said = say(
            _("%(what)s (if %(condition)s)"),
            what=said,
            condition=conditions.condition(document["if"], names, f"{field}/if"),
        )
    return said


def _earn(document: Effect, names: Names) -> str:
    formula = document["formula"]
    text = _FORMULAS[formula["kind"]](formula, document.get("type"), names)
    to = document.get("to", "member")
    return text if to == "member" else _("%(what)s to: %(recipient)s") % {"what": text, "recipient": _recipients()[to]}


def _recipients() -> Mapping[str, str]:
    return {"referrer": _("who referred them"), "household": _("their household"), "company": _("their company")}


def _rate(formula: Effect, kind: str | None, names: Names) -> str:
    shown = {"points": names.points(formula["points"], kind), "per": names.money(formula["per"])}
    if formula.get("step") == "proportional":
        return _("%(points)s for %(per)s, in proportion") % shown
    if formula.get("per_line"):
        return _("%(points)s for every full %(per)s of each line") % shown
    return _("%(points)s for every full %(per)s") % shown


def _fixed(formula: Effect, kind: str | None, names: Names) -> str:
    points, every = names.points(formula["points"], kind), formula.get("for_every")
    if not every:
        return points
    if "units" in every:
        count = int(every["units"])
        shown = {"points": points, "count": count}
        return ngettext("%(points)s for every piece", "%(points)s for every %(count)s pieces", count) % shown
    return _("%(points)s for every full %(per)s") % {"points": points, "per": names.money(every["amount"])}


def _per_unit(formula: Effect, kind: str | None, names: Names) -> str:
    return _("%(points)s for every piece") % {"points": names.points(formula["points"], kind)}


def _multiply(formula: Effect, kind: str | None, names: Names) -> str:
    factor = Decimal(formula["factor"])
    if kind not in (None, names.default_point_type):
        return _("%(factor)s times “%(type)s”") % {"factor": number(factor), "type": names.point_type(kind)}
    words = {Decimal(2): _("double points"), Decimal(3): _("triple points")}
    return words.get(factor) or _("%(factor)s times the points") % {"factor": number(factor)}


def _table(formula: Effect, kind: str | None, names: Names) -> str:
    rows = []
    for row in formula["rows"]:
        points = names.points(row["points"], kind)
        if "per" in row:
            points = _("%(points)s for every full %(per)s") % {"points": points, "per": names.money(row["per"])}
        rows.append(_("from %(start)s: %(points)s") % {"start": number(row["from"]), "points": points})
    shown = {"rows": "; ".join(rows)}
    if "position" in formula:
        shown["measure"] = conditions.measure(formula["position"], names)
        if formula["mode"] == "marginal":
            return _("by a table for each part (%(rows)s), counted on: %(measure)s") % shown
        return _("by a table (%(rows)s), counted on: %(measure)s") % shown
    if formula["mode"] == "marginal":
        return _("by a table for each part of the amount (%(rows)s)") % shown
    return _("by a table (%(rows)s)") % shown


def _expression(formula: Effect, kind: str | None, names: Names) -> str:
    return _("“%(type)s” by a formula") % {"type": names.point_type(kind)}


_FORMULAS: Mapping[str, Callable[[Effect, str | None, Names], str]] = {
    "rate": _rate, "fixed": _fixed, "per_unit": _per_unit, "multiply": _multiply, "table": _table,
    "expression": _expression,
}  # fmt: skip


def _burn(document: Effect, names: Names) -> str:
    return _("a deduction: %(points)s") % {"points": _earn(document, names)}


def _discount(document: Effect, names: Names) -> str:
    if "percent" in document:
        text = _("%(percent)s %% off") % {"percent": number(document["percent"])}
    elif "price" in document:
        text = _("for the price of %(price)s") % {"price": names.money(document["price"])}
    else:
        text = _("%(amount)s off") % {"amount": names.money(document["amount"])}
    if "buy_where" not in document:
        return text
    bought = int(document.get("group", 1))
    shown = {"what": text, "lines": conditions.lines(document["buy_where"], names), "count": bought}
    return ngettext(
        "%(what)s for every piece bought (%(lines)s)", "%(what)s for every %(count)s pieces bought (%(lines)s)", bought
    ) % shown  # fmt: skip


def _nth_free(document: Effect, names: Names) -> str:
    every, get = int(document["n"]), int(document.get("get", 1))
    percent = Decimal(document.get("percent", 100))
    shown = {
        "what": _("free") if percent == Decimal(100) else _("%(percent)s %% off") % {"percent": number(percent)},
        "every": every,
        "count": get,
        "lines": conditions.lines(document["where"], names) if document.get("where") else _("any product"),
    }
    if "position" in document:
        shown["numbers"] = ", ".join(str(every * times) for times in range(1, conditions.SHOWN_MULTIPLES + 1))
        shown["measure"] = conditions.measure(document["position"], names)
        return _("pieces number %(numbers)s … %(what)s (%(lines)s), counted on: %(measure)s") % shown
    return ngettext(
        "of every %(every)s pieces in the basket the cheapest %(what)s (%(lines)s)",
        "of every %(every)s pieces in the basket the %(count)s cheapest %(what)s (%(lines)s)",
        get,
    ) % shown  # fmt: skip


def _bundle(document: Effect, names: Names) -> str:
    parts = [
        _("%(count)s × (%(lines)s)") % {"count": part.get("units", 1), "lines": conditions.lines(part["where"], names)}
        for part in document["parts"]
    ]
    return _("the bundle %(parts)s for %(price)s") % {
        "parts": " + ".join(parts),
        "price": names.money(document["price"]),
    }


def _voucher(document: Effect, names: Names) -> str:
    text = _("the voucher “%(template)s”") if document["effect"] == "voucher" else _("the coupon “%(template)s”")
    text = text % {"template": document["template"]}
    if "valid_days" not in document:
        return text
    days = int(document["valid_days"])
    shown = {"what": text, "count": days}
    return ngettext("%(what)s, valid for %(count)s day", "%(what)s, valid for %(count)s days", days) % shown


def _segment(document: Effect, names: Names) -> str:
    if document["effect"] == "segment_remove":
        return _("removal from the segment “%(segment)s”") % {"segment": names.thing("segment", document["segment"])}
    return _("a place in the segment “%(segment)s”") % {"segment": names.thing("segment", document["segment"])}


def _tier(document: Effect, names: Names) -> str:
    return _("the tier “%(tier)s”") % {"tier": names.thing("tier", document["tier"])}


def _attribute(document: Effect, names: Names) -> str:
    shown = {"name": subjects.attribute_name(document["attr"], names)}
    if "add" in document:
        return _("%(name)s: %(add)s more") % (shown | {"add": number(document["add"])})
    return _("%(name)s: %(value)s") % (shown | {"value": names.value(document["attr"], document.get("value"))})


def _message(document: Effect, names: Names) -> str:
    return _("the message “%(template)s”") % {"template": document.get("template") or _first(document.get("text"))}


def _print(document: Effect, names: Names) -> str:
    return _("a line on the receipt: “%(text)s”") % {"text": document.get("template") or _first(document.get("text"))}


def _flag(document: Effect, names: Names) -> str:
    return _("the flag “%(flag)s” for review") % {"flag": document["flag"]}


def _first(texts: Mapping[str, str] | None) -> str:
    return next(iter((texts or {}).values()), "")


def _other(document: Effect, names: Names) -> str:
    return quoted(document["effect"])


_WORDS: Mapping[str, Callable[[Effect, Names], str]] = {
    "earn": _earn, "burn": _burn, "discount": _discount, "nth_free": _nth_free, "bundle": _bundle, "voucher": _voucher,
    "coupon": _voucher, "segment_add": _segment, "segment_remove": _segment, "tier": _tier,
    "attribute_set": _attribute, "message": _message, "print": _print, "flag": _flag,
}  # fmt: skip


def _activation(given: Effect) -> str:
    if "on" in given:
        return _("usable from %(day)s") % {"day": _day(given["on"])}
    if "on_event" in given:
        event = _("usable after the event “%(event)s”") % {"event": given["on_event"]}
        if "after_days" not in given:
            return event
        latest = int(given["after_days"])
        return event + ngettext(", after %(count)s day at the latest", ", after %(count)s days at the latest", latest) % {
            "count": latest
        }  # fmt: skip
    if "after_months" in given:
        count = int(given["after_months"])
        return ngettext("usable after %(count)s month", "usable after %(count)s months", count) % {"count": count}
    count = int(given.get("after_days", 0))
    return ngettext("usable after %(count)s day", "usable after %(count)s days", count) % {"count": count}


def _expiry(given: Effect) -> str:
    if given.get("never"):
        return _("never expiring")
    if "on" in given:
        return _("expiring on %(day)s") % {"day": _day(given["on"])}
    if "after_inactivity" in given:
        span = given["after_inactivity"]
        if span.get("months"):
            count = int(span["months"])
            return ngettext(
                "expiring after %(count)s month without activity", "expiring after %(count)s months without activity", count
            ) % {"count": count}  # fmt: skip
        count = int(span.get("days", 0))
        return ngettext(
            "expiring after %(count)s day without activity", "expiring after %(count)s days without activity", count
        ) % {"count": count}  # fmt: skip
    if "after_months" in given:
        count = int(given["after_months"])
        return ngettext("expiring after %(count)s month", "expiring after %(count)s months", count) % {"count": count}
    if "after_days" in given:
        count = int(given["after_days"])
        return ngettext("expiring after %(count)s day", "expiring after %(count)s days", count) % {"count": count}
    ends = {
        "end_of_month": _("expiring at the end of the month"),
        "end_of_quarter": _("expiring at the end of the quarter"),
        "end_of_year": _("expiring at the end of the year"),
    }
    return ends.get(given.get("at", ""), _("expiring the same day"))


def _day(text: str) -> str:
    day = parse_date(text)
    assert day is not None, text
    return str(date_format(day, "DATE_FORMAT"))
