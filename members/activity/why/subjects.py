"""What a condition speaks of, named so that it can stand before a colon."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from loyalty.kernel import registries
from members.activity.why import figures


def attribute_name(path: str) -> str:
    """An attribute by the label that its owner registered, else by a name of ours, else by its path."""
    registered = registries.attributes().get(path)
    if registered is not None:
        return str(registered.label)
    return str(_NAMES.get(path) or f"“{path}”")


_NAMES: Mapping[str, Any] = {
    "member.age": gettext_lazy("age"),
    "member.birthday": gettext_lazy("birthday"),
    "member.tier": gettext_lazy("tier"),
    "txn.amount": gettext_lazy("amount of the basket"),
    "txn.channel": gettext_lazy("channel"),
    "txn.coupons": gettext_lazy("coupons"),
    "txn.currency": gettext_lazy("currency"),
    "txn.date": gettext_lazy("date"),
    "txn.hour": gettext_lazy("hour"),
    "txn.lines": gettext_lazy("lines of the basket"),
    "txn.partner": gettext_lazy("partner"),
    "txn.payment": gettext_lazy("payment"),
    "txn.region": gettext_lazy("region"),
    "txn.store": gettext_lazy("store"),
    "txn.store_group": gettext_lazy("group of stores"),
    "txn.time": gettext_lazy("time"),
    "txn.units": gettext_lazy("pieces in the basket"),
    "txn.weekday": gettext_lazy("weekday"),
}


def lines(where: Mapping[str, Any]) -> str:
    """Which lines a filter chooses; one test is named, anything more is “chosen products”."""
    if where["op"] != "test" or where["cmp"] not in ("eq", "in", "overlaps"):
        return _("chosen products")
    shown = {"values": figures.values(where["value"], where["attr"])}
    if where["attr"] == "line.categories":
        return _("category: %(values)s") % shown
    if where["attr"] == "line.brand":
        return _("brand: %(values)s") % shown
    if where["attr"] in ("line.sku", "line.product"):
        return _("product: %(values)s") % shown
    return _("chosen products")


def measure(condition: Mapping[str, Any]) -> str:
    """What a leaf measures: of the basket, of the history, or which purchase it is."""
    if condition["op"] == "purchase_number":
        return _("number of the purchase")
    if condition["op"] == "streak_weeks":
        return _("weeks in a row")
    kind, _separator, _counted = condition["measure"].partition(":")
    named = str((_OF_BASKET if condition["op"] == "lines" else _OF_HISTORY)[kind])
    if condition.get("window"):
        named = _("%(measure)s, %(window)s") % {"measure": named, "window": _window(condition["window"])}
    where = condition.get("where")
    if where is None or where["op"] == "true":
        return named
    return _("%(measure)s (%(filter)s)") % {"measure": named, "filter": lines(where)}


_OF_BASKET: Mapping[str, Any] = {
    "lines": gettext_lazy("lines in the basket"),
    "units": gettext_lazy("pieces in the basket"),
    "amount": gettext_lazy("amount in the basket"),
    "distinct": gettext_lazy("different ones in the basket"),
}


_OF_HISTORY: Mapping[str, Any] = {
    "amount": gettext_lazy("spent before"),
    "units": gettext_lazy("pieces bought before"),
    "purchases": gettext_lazy("purchases before"),
    "days": gettext_lazy("days with a purchase"),
    "days_since_last": gettext_lazy("days since the last purchase"),
    "events": gettext_lazy("events before"),
    "points": gettext_lazy("points earned before"),
    "streak": gettext_lazy("periods in a row"),
    "distinct": gettext_lazy("different ones bought before"),
}


def _window(window: Mapping[str, Any]) -> str:
    if "last_days" in window:
        count = int(window["last_days"])
        return ngettext("in the last %(count)s day", "in the last %(count)s days", count) % {"count": count}
    if "last_months" in window:
        count = int(window["last_months"])
        return ngettext("in the last %(count)s month", "in the last %(count)s months", count) % {"count": count}
    if "last_hours" in window:
        count = int(window["last_hours"])
        return ngettext("in the last %(count)s hour", "in the last %(count)s hours", count) % {"count": count}
    if "since" in window:
        day = datetime.fromisoformat(window["since"]).date()
        return _("since %(day)s") % {"day": formats.date_format(day, "DATE_FORMAT")}
    return str(_THIS[window["this"]] if "this" in window else _PREVIOUS[window["previous"]])


_THIS: Mapping[str, Any] = {
    "day": gettext_lazy("today"),
    "week": gettext_lazy("this week"),
    "month": gettext_lazy("this month"),
    "quarter": gettext_lazy("this quarter"),
    "year": gettext_lazy("this year"),
}


_PREVIOUS: Mapping[str, Any] = {
    "day": gettext_lazy("yesterday"),
    "week": gettext_lazy("last week"),
    "month": gettext_lazy("last month"),
    "quarter": gettext_lazy("last quarter"),
    "year": gettext_lazy("last year"),
}
