"""The fields of conditions."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from loyalty.kernel import registries
from programs.promotions.design import offers
from programs.promotions.design.fields import CHOICE, CODES, DECIMAL, MONEY, NUMBERS, WHOLE, Field, Option

Node = Mapping[str, Any]


def title(condition: Node) -> str:
    """What kind of condition it is, for its heading."""
    titles = {
        "test": "",
        "lines": _("In the basket"),
        "history": _("Before this purchase the member has"),
        "purchase_number": _("Number of the purchase"),
        "birthday_within": _("Birthday"),
        "in_segment": _("In the segment"),
    }
    return titles.get(condition["op"], _("A condition that is kept as it is"))


def condition_fields(condition: Node, path: str, room: str) -> list[Field]:
    """The fields of one condition; one of a kind that the page does not know has none and stays as it is."""
    kind = condition["op"]
    if kind == "test":
        return test_fields(condition, path, room)
    if kind == "lines":
        return _lines(condition, path)
    if kind == "history":
        return _history(condition, path)
    if kind == "purchase_number" and "cmp" in condition:
        options = offers.comparison_options(("eq", "gte", "lte"))
        return [
            Field(f"{path}/cmp", _("comparison"), CHOICE, condition["cmp"], options=options),
            Field(f"{path}/value", _("number"), WHOLE, condition.get("value")),
        ]
    if kind == "in_segment":
        return [Field(f"{path}/segment", _("segment"), CHOICE, condition["segment"], options=_segments(condition))]
    if kind == "birthday_within":
        return [
            Field(f"{path}/before", _("days before"), WHOLE, condition.get("before")),
            Field(f"{path}/after", _("days after"), WHOLE, condition.get("after")),
        ]
    return []


def _segments(condition: Node) -> list[Option]:
    """The segments in use, and the one that stands here even if it is archived."""
    names = registries.segment_names()
    present = {} if condition["segment"] in names else {condition["segment"]: condition["segment"]}
    return [Option(code, name) for code, name in {**present, **names}.items()]


def test_fields(condition: Node, path: str, room: str) -> list[Field]:
    """The fields of a test of an attribute; one that is not offered has none and stays as it is."""
    offered = offers.BY_PATH.get(condition["attr"])
    if offered is None:
        return []
    attribute = Field(f"{path}/attr", _("property"), CHOICE, offered.path, options=offers.attribute_options(room))
    comparison = Field(
        f"{path}/cmp", _("comparison"), CHOICE, condition["cmp"], options=offers.comparison_options(offered.comparisons)
    )
    return [attribute, comparison, value_field(offered, f"{path}/value", condition.get("value"))]


def value_field(offered: offers.Offered, path: str, value: Any) -> Field:
    """The field of an attribute's value."""
    options = offers.weekday_options() if offered.kind == NUMBERS else ()
    return Field(path, _("value"), offered.kind, value, options=options, picker=offered.picker)


def _lines(condition: Node, path: str) -> list[Field]:
    measures = [
        Option("units", _("pieces")), Option("amount", _("the amount")), Option("lines", _("lines")),
        Option("distinct:product", _("different products")),
    ]  # fmt: skip
    kind = MONEY if condition["measure"] == "amount" else WHOLE
    return [
        Field(f"{path}/measure", _("what is counted"), CHOICE, condition["measure"], options=measures),
        *_of_products(condition, path),
        Field(f"{path}/cmp", _("comparison"), CHOICE, condition["cmp"], options=offers.comparison_options(
            ("gte", "gt", "lte", "lt", "eq"))),
        Field(f"{path}/value", _("value"), kind, condition.get("value")),
    ]  # fmt: skip


def _of_products(condition: Node, path: str) -> list[Field]:
    where = condition.get("where")
    if not isinstance(where, Mapping) or where.get("op") != "test" or where["attr"] not in offers.BY_PATH:
        return []
    offered = offers.BY_PATH[where["attr"]]
    options = [one for one in offers.attribute_options("where") if offers.BY_PATH[one.value].kind == CODES]
    return [
        Field(f"{path}/where/attr", _("of"), CHOICE, offered.path, options=options),
        value_field(offered, f"{path}/where/value", where.get("value")),
    ]


def _history(condition: Node, path: str) -> list[Field]:
    measures = [
        Option("amount", _("spent")), Option("units", _("bought pieces")), Option("purchases", _("bought so many times")),
        Option("days_since_last", _("days since the last purchase")),
    ]  # fmt: skip
    kind = MONEY if condition["measure"] == "amount" else DECIMAL
    fields = [Field(f"{path}/measure", _("what"), CHOICE, condition["measure"], options=measures)]
    fields += _of_products(condition, path)
    if condition["measure"] != "days_since_last":
        window = condition.get("window", {})
        if "last_months" in window:
            fields.append(Field(f"{path}/window/last_months", _("in the last months"), WHOLE, window["last_months"]))
        elif "this" in window:
            periods = [Option("month", _("this month")), Option("year", _("this year")), Option("week", _("this week"))]
            fields.append(Field(f"{path}/window/this", _("in"), CHOICE, window["this"], options=periods))
        else:
            fields.append(Field(f"{path}/window/last_days", _("in the last days"), WHOLE, window.get("last_days")))
    options = offers.comparison_options(("gte", "gt", "lte", "lt", "eq"))
    fields.append(Field(f"{path}/cmp", _("comparison"), CHOICE, condition["cmp"], options=options))
    fields.append(Field(f"{path}/value", _("value"), kind, condition.get("value")))
    return fields
