"""What conditions speak of, named so that a comparison or a colon can follow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from loyalty.kernel import registries
from loyalty.kernel.phrases import gettext as _
from programs.promotions.naming import Names, quoted


def attribute_name(path: str, names: Names | None = None) -> str:
    """An attribute by the name that the program or its owner gave it, else by a name of ours, else by its path."""
    declared = names.attribute(path) if names is not None else None
    if declared:
        return str(_FAMILIES[CONSENT]) % {"name": declared} if path.startswith(CONSENT) else quoted(declared)
    registered = registries.attributes().get(path)
    if registered is not None:
        return str(registered.label)
    for prefix, template in _FAMILIES.items():
        if path.startswith(prefix):
            last = path.removeprefix(prefix)
            is_points = prefix == BALANCE and names is not None
            return str(template) % {"name": names.point_type(last) if is_points and names is not None else last}
    return str(_NAMES.get(path) or quoted(path))


BALANCE, CONSENT = "member.balance.", "member.consent."
_FAMILIES: Mapping[str, Any] = {
    BALANCE: gettext_lazy("balance of “%(name)s”"),
    CONSENT: gettext_lazy("consent “%(name)s”"),
    "event.": gettext_lazy("“%(name)s” of the event"),
}


_NAMES: Mapping[str, Any] = {
    "member.age": gettext_lazy("age"),
    "member.birthday": gettext_lazy("birthday"),
    "member.city": gettext_lazy("city"),
    "member.language": gettext_lazy("language"),
    "member.region": gettext_lazy("region of the member"),
    "member.since": gettext_lazy("member since"),
    "member.tier": gettext_lazy("tier"),
    "txn.amount": gettext_lazy("amount of the basket"),
    "txn.list_amount": gettext_lazy("amount of the basket before discounts"),
    "txn.amount_ex_tax": gettext_lazy("amount of the basket without tax"),
    "txn.amount_without_points": gettext_lazy("amount of the basket not paid with points"),
    "txn.paid_with_points": gettext_lazy("amount paid with points"),
    "txn.channel": gettext_lazy("channel"),
    "txn.coupons": gettext_lazy("coupons"),
    "txn.currency": gettext_lazy("currency"),
    "txn.date": gettext_lazy("date"),
    "txn.day": gettext_lazy("day of the month"),
    "txn.hour": gettext_lazy("hour"),
    "txn.lines": gettext_lazy("lines of the basket"),
    "txn.month": gettext_lazy("month"),
    "txn.partner": gettext_lazy("partner"),
    "txn.payment": gettext_lazy("payment"),
    "txn.region": gettext_lazy("region"),
    "txn.store": gettext_lazy("store"),
    "txn.store_group": gettext_lazy("group of stores"),
    "txn.time": gettext_lazy("time"),
    "txn.units": gettext_lazy("pieces in the basket"),
    "txn.weekday": gettext_lazy("weekday"),
    "line.amount": gettext_lazy("amount of the line"),
    "line.brand": gettext_lazy("brand"),
    "line.categories": gettext_lazy("category"),
    "line.discount": gettext_lazy("discount of the line"),
    "line.list_amount": gettext_lazy("amount of the line before discounts"),
    "line.paid": gettext_lazy("amount of the line"),
    "line.product": gettext_lazy("product"),
    "line.qty": gettext_lazy("quantity"),
    "line.sku": gettext_lazy("product"),
    "line.tax_rate": gettext_lazy("tax rate, %"),
    "line.unit_price": gettext_lazy("price of one"),
}


OF_BASKET: Mapping[str, Any] = {
    "lines": gettext_lazy("lines in the basket"),
    "units": gettext_lazy("pieces in the basket"),
    "amount": gettext_lazy("amount in the basket"),
    "distinct": gettext_lazy("different ones in the basket"),
}


OF_HISTORY: Mapping[str, Any] = {
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


def window(given: Mapping[str, Any]) -> str:
    """The time that a history looks at."""
    if "last_days" in given:
        count = int(given["last_days"])
        return ngettext("in the last %(count)s day", "in the last %(count)s days", count) % {"count": count}
    if "last_months" in given:
        count = int(given["last_months"])
        return ngettext("in the last %(count)s month", "in the last %(count)s months", count) % {"count": count}
    if "last_hours" in given:
        count = int(given["last_hours"])
        return ngettext("in the last %(count)s hour", "in the last %(count)s hours", count) % {"count": count}
    if "since" in given:
        day = datetime.fromisoformat(given["since"]).date()
        return _("since %(day)s") % {"day": formats.date_format(day, "DATE_FORMAT")}
    return str(THIS[given["this"]] if "this" in given else PREVIOUS[given["previous"]])


THIS: Mapping[str, Any] = {
    "day": gettext_lazy("today"),
    "week": gettext_lazy("this week"),
    "month": gettext_lazy("this month"),
    "quarter": gettext_lazy("this quarter"),
    "year": gettext_lazy("this year"),
}


PREVIOUS: Mapping[str, Any] = {
    "day": gettext_lazy("yesterday"),
    "week": gettext_lazy("last week"),
    "month": gettext_lazy("last month"),
    "quarter": gettext_lazy("last quarter"),
    "year": gettext_lazy("last year"),
}


def compared(comparison: str, wanted: str) -> str:
    """A comparison with a value: “at least 20”."""
    return str(_COMPARED[comparison]) % {"value": wanted}


_COMPARED: Mapping[str, Any] = {
    "gte": pgettext_lazy("comparison", "at least %(value)s"),
    "gt": pgettext_lazy("comparison", "more than %(value)s"),
    "lte": pgettext_lazy("comparison", "at most %(value)s"),
    "lt": pgettext_lazy("comparison", "less than %(value)s"),
    "eq": pgettext_lazy("comparison", "exactly %(value)s"),
    "ne": pgettext_lazy("comparison", "other than %(value)s"),
}


def measured(document: Mapping[str, Any], names: Names, value: Any) -> str:
    """A number of a measure: money for amounts, else a plain number."""
    from_money = document.get("measure") == "amount"
    return names.money(value) if from_money else number_of(value)


def number_of(value: Any) -> str:
    """A plain number in the reader's form."""
    return str(formats.number_format(value, use_l10n=True))
