"""Conditions as rows with fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from loyalty.kernel import registries, scope
from programs.promotions.design import metrics, offers
from programs.promotions.design.attributes import ORDERED, WHERE, Attributes, comparison_options
from programs.promotions.design.fields import CHOICE, DECIMAL, MONEY, NUMBERS, SHARE, WHOLE, Field, Option
from programs.promotions.design.rows import Palette, Row

Node = Mapping[str, Any]
GROUPS = ("all", "any", "none", "at_least")
_NUMBERS = ("gte", "gt", "lte", "lt", "eq")


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rows of conditions need: what the program offers, and what may be asked in this promotion."""

    palette: Palette
    attributes: Attributes


def condition_row(condition: Node, path: str, room: str, ground: Ground, *, can_move: bool = True) -> Row:
    """One condition; a group holds rows of its own."""
    if condition["op"] in GROUPS:
        return group_row(condition, path, room, ground, can_move=can_move)
    if _is_share(condition):
        return _share(condition, path, ground, can_move=can_move)
    fields = _fields(condition, path, room, ground)
    return Row(path, _title(condition) if fields else "", fields, can_move=can_move)


def group_row(group: Node, path: str, room: str, ground: Ground, *, can_move: bool = True) -> Row:
    """Conditions joined in one way."""
    options = [
        Option("all", _("all of these hold")),
        Option("any", _("any of these holds")),
        Option("none", _("none of these holds")),
        Option("at_least", _("at least so many of these hold")),
    ]
    fields = [Field(f"{path}/op", _("How they are joined"), CHOICE, group["op"], options=options)]
    if group["op"] == "at_least":
        fields.append(Field(f"{path}/n", _("How many"), WHOLE, group.get("n", 1)))
    rows = [condition_row(child, f"{path}/of/{index}", room, ground) for index, child in enumerate(group["of"])]
    added = offers.conditions(room, ground.attributes)
    is_inner = "/" in path
    return Row(
        path, "", fields, rows, added, f"{path}/of", is_group=True, can_move=is_inner and can_move, can_remove=is_inner
    )


def _title(condition: Node) -> str:
    titles = {
        "lines": _("In the basket"),
        "history": _("Before this the member has"),
        "purchase_number": _("Number of the purchase"),
        "birthday_within": _("Birthday"),
        "in_segment": _("In the segment"),
    }
    return titles.get(condition["op"], "")


def _fields(condition: Node, path: str, room: str, ground: Ground) -> list[Field]:
    """The fields of one condition; one of a kind that the page does not know has none and stays as it is."""
    kind = condition["op"]
    if kind == "test":
        return test_fields(condition, path, room, ground.attributes)
    if kind == "lines":
        return _lines(condition, path, ground)
    if kind == "history":
        return _history(condition, path, ground)
    if kind == "purchase_number":
        return _number(condition, path)
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
    names = registries.segment_names() if scope.is_entered() else {}
    present = {} if condition["segment"] in names else {condition["segment"]: condition["segment"]}
    return [Option(code, name) for code, name in {**present, **names}.items()]


def test_fields(condition: Node, path: str, room: str, attributes: Attributes) -> list[Field]:
    """The fields of a test of an attribute; one that is not offered has none and stays as it is."""
    offered, compared = attributes.get(condition["attr"]), condition["cmp"]
    if offered is None:
        return []
    options = attributes.options(room)
    if offered.path not in {option.value for option in options}:
        options.insert(0, Option(offered.path, offered.name))
    fields = [
        Field(f"{path}/attr", _("property"), CHOICE, offered.path, options=options, role="attr"),
        Field(
            f"{path}/cmp", _("comparison"), CHOICE, compared, role="cmp",
            options=comparison_options(offered.comparisons, compared),
        ),
    ]  # fmt: skip
    if compared in ("is_present", "is_missing"):
        return fields
    kind = offered.kind_of_value(compared, condition.get("value"))
    if kind is None:
        return []
    choices = offers.weekday_options() if kind == NUMBERS else offered.options
    value = Field(
        f"{path}/value", _("value"), kind, condition.get("value"), options=choices, picker=offered.picker
    )  # fmt: skip
    return [*fields, value]


def _lines(condition: Node, path: str, ground: Ground) -> list[Field]:
    measures = [
        Option("units", _("pieces")), Option("amount", _("the amount")), Option("lines", _("lines")),
        Option("distinct:product", _("different products")),
    ]  # fmt: skip
    is_money = condition["measure"] == "amount"
    return [
        Field(f"{path}/measure", _("what is counted"), CHOICE, condition["measure"], options=measures),
        *metrics.products(condition, path, ground.attributes),
        Field(f"{path}/cmp", _("comparison"), CHOICE, condition["cmp"], options=comparison_options(_NUMBERS, condition["cmp"])),
        Field(f"{path}/value", _("value"), MONEY if is_money else DECIMAL, condition.get("value"),
              suffix=ground.palette.currency if is_money else ""),
    ]  # fmt: skip


def _history(condition: Node, path: str, ground: Ground) -> list[Field]:
    palette, is_money = ground.palette, condition["measure"] == "amount"
    compared = comparison_options(_NUMBERS, condition["cmp"])
    return [
        *metrics.metric_fields(condition, path, ground.attributes, palette.events, palette.point_types),
        Field(f"{path}/cmp", _("comparison"), CHOICE, condition["cmp"], options=compared),
        Field(f"{path}/value", _("value"), MONEY if is_money else DECIMAL, condition.get("value"),
              suffix=palette.currency if is_money else ""),
    ]  # fmt: skip


def _number(condition: Node, path: str) -> list[Field]:
    if "cmp" not in condition:
        return [Field(f"{path}/every", _("every so many purchases"), WHOLE, condition.get("every"))]
    return [
        Field(f"{path}/cmp", _("comparison"), CHOICE, condition["cmp"],
              options=comparison_options(("eq", "gte", "lte"), condition["cmp"])),
        Field(f"{path}/value", _("number"), WHOLE, condition.get("value")),
    ]  # fmt: skip


def _is_share(condition: Node) -> bool:
    """Whether it compares one measure with a share of another."""
    if condition["op"] != "compare" or not isinstance(condition["right"], Mapping):
        return False
    of = condition["right"].get("of", ())
    return (
        _is_metric(condition["left"])
        and condition["right"]["op"] == "mul"
        and len(of) == len(("share", "whole"))
        and not isinstance(of[0], Mapping)
        and _is_metric(of[1])
    )


def _is_metric(number: Any) -> bool:
    return isinstance(number, Mapping) and number.get("op") == "history"


def _share(condition: Node, path: str, ground: Ground, *, can_move: bool) -> Row:
    palette, (share, whole) = ground.palette, condition["right"]["of"]

    def metric(node: Node, place: str, title: str) -> Row:
        fields = metrics.metric_fields(node, place, ground.attributes, palette.events, palette.point_types)
        return Row(place, title, fields, can_move=False, can_remove=False)

    fields = [
        Field(f"{path}/cmp", _("comparison"), CHOICE, condition["cmp"],
              options=comparison_options(ORDERED, condition["cmp"])),
        Field(f"{path}/right/of/0", _("share"), SHARE, share, suffix="%"),
    ]  # fmt: skip
    rows = [metric(condition["left"], f"{path}/left", _("This")), metric(whole, f"{path}/right/of/1", _("of all this"))]
    return Row(path, _("A share of what they buy"), fields, rows, can_move=can_move)


def filter_row(holder: Node, path: str, ground: Ground, title: str) -> Row:
    """The filter of lines of an effect, or a place for one."""
    fields = metrics.products(holder, path, ground.attributes)
    if fields:
        return Row(f"{path}/where", title, fields, can_move=False, can_remove=False)
    return condition_row(holder["where"], f"{path}/where", WHERE, ground, can_move=False)
