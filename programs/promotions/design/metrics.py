"""What a history measures, as fields: the measure, of which products, in what time."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from programs.promotions.design.attributes import WHERE, Attributes, comparison_options
from programs.promotions.design.fields import CHOICE, DAY, TEXT, WHOLE, Field, Option
from programs.promotions.sentence.subjects import OF_HISTORY, PREVIOUS, THIS

Node = Mapping[str, Any]

# A window of another kind, as it begins.
WINDOWS: Mapping[str, Mapping[str, Any]] = {
    "last_days": {"last_days": 90}, "last_months": {"last_months": 12}, "last_hours": {"last_hours": 24},
    "this": {"this": "month"}, "previous": {"previous": "month"}, "since": {"since": ""},
}  # fmt: skip
DAYS_SINCE = "days_since_last"


def measures(events: Sequence[Option], *, counts_days: bool = True) -> list[Option]:
    """What can be measured of what a member did before."""
    found = [
        Option("amount", _("spent")), Option("units", _("bought pieces")), Option("purchases", _("bought so many times")),
        Option("distinct:product", _("different products bought")), Option("points", _("earned points")),
    ]  # fmt: skip
    if events:
        found.append(Option("events", _("events")))
    if counts_days:
        found += [Option("days", _("days with a purchase")), Option(DAYS_SINCE, _("days since the last purchase"))]
    return found


def metric_fields(
    node: Node, path: str, attributes: Attributes, events: Sequence[Option], types: Sequence[Option], *,
    offered: Sequence[Option] = (),
) -> list[Field]:  # fmt: skip
    """The fields of a measure; ``offered``: what may be measured here, everything by default."""
    measure = node["measure"]
    choices = [*(offered or measures(events))]
    if measure not in {one.value for one in choices}:
        choices.append(Option(measure, str(OF_HISTORY.get(measure.partition(":")[0], measure))))
    fields = [Field(f"{path}/measure", _("what"), CHOICE, measure, options=choices, role="measure")]
    if measure == "events":
        fields.append(Field(f"{path}/event", _("event"), CHOICE, node.get("event"), options=events))
    if measure == "points":
        first = types[0].value if types else None
        fields.append(Field(f"{path}/point_type", _("of type"), CHOICE, node.get("point_type", first), options=types))
    if measure not in ("events", "points"):
        fields += products(node, path, attributes)
    if measure != DAYS_SINCE:
        fields += window_fields(node.get("window", {}), path)
    return fields


def products(holder: Node, path: str, attributes: Attributes, *, key: str = "where") -> list[Field]:
    """The fields of a filter of lines, or of none yet; one that the page does not know has none and stays as it is."""
    where, place = holder.get(key), f"{path}/{key}"
    options = [Option("", _("any products")), *attributes.options(WHERE)]
    name = Field(f"{place}/attr", _("of"), CHOICE, None, options=options, is_optional=True, role="filter")
    if where is None:
        return [name]
    offered = attributes.get(where["attr"]) if where.get("op") == "test" else None
    kind = offered.kind_of_value(where["cmp"], where.get("value")) if offered else None
    if offered is None or kind is None:
        return []
    compared = comparison_options(offered.comparisons, where["cmp"])
    return [
        Field(name.path, name.label, CHOICE, offered.path, options=options, is_optional=True, role="filter"),
        Field(f"{place}/cmp", _("which ones"), CHOICE, where["cmp"], options=compared, role="cmp"),
        Field(f"{place}/value", _("products"), kind, where.get("value"), picker=offered.picker),
    ]


def window_fields(window: Node, path: str) -> list[Field]:
    """The time that is looked at."""
    kinds = [
        Option("", _("at any time")), Option("last_days", _("in the last days")),
        Option("last_months", _("in the last months")), Option("last_hours", _("in the last hours")),
        Option("this", _("in the present")), Option("previous", _("in the previous")), Option("since", _("since a day")),
    ]  # fmt: skip
    kind = next(iter(window), "")
    fields = [Field(f"{path}/@window", _("when"), CHOICE, kind or None, options=kinds, is_optional=True, role="window")]
    place, value = f"{path}/window/{kind}", window.get(kind)
    if kind in ("last_days", "last_months", "last_hours"):
        fields.append(Field(place, _("how many"), WHOLE, value))
    elif kind in ("this", "previous"):
        words = {"day": _("day"), "week": _("week"), "month": _("month"), "quarter": _("quarter"), "year": _("year")}
        known = THIS if kind == "this" else PREVIOUS
        fields.append(Field(place, _("period"), CHOICE, value, options=[Option(one, words[one]) for one in known]))
    elif kind == "since":
        fields.append(Field(place, _("since"), day_kind(value), value))
    return fields


def day_kind(value: Any) -> str:
    """A day is chosen from a calendar; what is no day stays a text, so that nothing is lost."""
    try:
        return DAY if value in (None, "") or date.fromisoformat(value).isoformat() == value else TEXT
    except (TypeError, ValueError):
        return TEXT
