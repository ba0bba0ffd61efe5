"""What may be added to a promotion: attributes with their comparisons, conditions, effects and limits as they begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel import registries, scope
from programs.promotions.design.fields import CODES, DECIMAL, MONEY, NUMBERS, TEXT, WHOLE, Option
from programs.promotions.sentence import subjects

BASKET, MEMBER, LINE = "basket", "member", "line"
_ORDERED = ("gte", "gt", "lte", "lt", "eq", "ne")
_CHOSEN = ("in", "not_in")
_SHARED = ("overlaps", "disjoint")


@dataclass(frozen=True, slots=True)
class Offered:
    """An attribute that conditions may test: how its value is typed, which comparisons make sense."""

    path: str
    kind: str
    comparisons: tuple[str, ...]
    start: Any
    picker: str = ""


ATTRIBUTES: Mapping[str, tuple[Offered, ...]] = {
    BASKET: (
        Offered("txn.amount", MONEY, _ORDERED, "20.00"),
        Offered("txn.units", WHOLE, _ORDERED, 3),
        Offered("txn.lines", WHOLE, _ORDERED, 3),
        Offered("txn.channel", CODES, _CHOSEN, ["store"], "channel"),
        Offered("txn.store", CODES, _CHOSEN, [], "store"),
        Offered("txn.store_group", CODES, _CHOSEN, [], "store_group"),
        Offered("txn.region", CODES, _CHOSEN, [], "region"),
        Offered("txn.partner", CODES, _CHOSEN, [], "partner"),
        Offered("txn.payment", TEXT, ("eq", "ne"), "card"),
        Offered("txn.weekday", NUMBERS, _CHOSEN, [6, 7]),
        Offered("txn.hour", WHOLE, _ORDERED, 12),
    ),
    MEMBER: (
        Offered("member.tier", CODES, _CHOSEN, [], "tier"),
        Offered("member.age", WHOLE, _ORDERED, 18),
        Offered("member.city", TEXT, ("eq", "ne", "starts_with"), ""),
    ),
    LINE: (
        Offered("line.categories", CODES, _SHARED, [], "category"),
        Offered("line.product", CODES, _CHOSEN, [], "product"),
        Offered("line.brand", CODES, _CHOSEN, [], "brand"),
        Offered("line.unit_price", MONEY, _ORDERED, "5.00"),
        Offered("line.qty", DECIMAL, _ORDERED, "2"),
    ),
}
# An attribute of the basket may be asked for beside one of the member.
ROOMS: Mapping[str, tuple[str, ...]] = {"when": (BASKET, MEMBER), "audience": (MEMBER,), "where": (LINE,)}
BY_PATH: Mapping[str, Offered] = {one.path: one for offered in ATTRIBUTES.values() for one in offered}


def attribute_options(room: str) -> list[Option]:
    """The attributes that a condition of this part may test."""
    groups = {BASKET: _("Basket"), MEMBER: _("Member"), LINE: _("Product")}
    return [
        Option(one.path, str(subjects.attribute_name(one.path)), groups[group])
        for group in ROOMS[room]
        for one in ATTRIBUTES[group]
    ]


COMPARISONS: Mapping[str, Any] = {
    "gte": gettext_lazy("at least"),
    "gt": gettext_lazy("more than"),
    "lte": gettext_lazy("at most"),
    "lt": gettext_lazy("less than"),
    "eq": gettext_lazy("is exactly"),
    "ne": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "overlaps": gettext_lazy("is one of"),
    "disjoint": gettext_lazy("is none of"),
    "starts_with": gettext_lazy("begins with"),
}


def comparison_options(comparisons: Sequence[str]) -> list[Option]:
    """Comparisons with their words."""
    return [Option(one, str(COMPARISONS[one])) for one in comparisons]


def weekday_options() -> list[Option]:
    """The days of the week as the language counts them: Monday is 1."""
    return [Option(str(number + 1), str(name)) for number, name in WEEKDAYS.items()]


def new_test(path: str) -> dict[str, Any]:
    """A test of an attribute as it begins."""
    offered = BY_PATH[path]
    return {"op": "test", "attr": path, "cmp": offered.comparisons[0], "value": offered.start}


def new_filter() -> dict[str, Any]:
    """A filter of lines as it begins: of some categories."""
    return {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": []}


@dataclass(frozen=True, slots=True)
class Addition:
    """Something that a button adds."""

    code: str
    label: str
    icon: str
    node: Mapping[str, Any]


def conditions(room: str) -> list[Addition]:
    """The conditions that may be added to a part."""
    if room == "where":
        return [
            Addition("filter", _("Products"), "shopping_basket", new_filter()),
            Addition("test", _("Other property"), "tune", new_test("line.unit_price")),
        ]
    first = new_test("txn.amount" if room == "when" else "member.age")
    history = {"op": "history", "measure": "amount", "window": {"last_days": 90}, "cmp": "gte", "value": "50.00"}
    found = [
        # A group begins with a condition in it: an empty one says nothing and is not kept.
        Addition("group", _("Group"), "account_tree", {"op": "any", "of": [first]}),
        Addition("history", _("What happened before"), "history", history),
    ]
    # A document alone, outside any program, has no segments to name.
    segments = registries.segment_names() if scope.is_entered() else {}
    if segments:
        code = next(iter(segments))
        found.append(Addition("segment", _("Segment"), "groups", {"op": "in_segment", "segment": code}))
    if room == "when":
        lines = {"op": "lines", "where": new_filter(), "measure": "units", "cmp": "gte", "value": 1}
        number = {"op": "purchase_number", "cmp": "eq", "value": 1}
        return [
            Addition("amount", _("Basket"), "shopping_basket", new_test("txn.amount")),
            Addition("lines", _("Products in the basket"), "category", lines),
            Addition("number", _("Number of the purchase"), "tag", number),
            *found,
        ]
    birthday = {"op": "birthday_within", "before": 0, "after": 0}
    return [
        Addition("tier", _("Tier"), "workspace_premium", new_test("member.tier")),
        Addition("member", _("Member’s data"), "person", new_test("member.age")),
        Addition("birthday", _("Birthday"), "cake", birthday),
        *found,
    ]


def effects(point_type: str) -> list[Addition]:
    """The effects that somebody carries out."""
    fixed = {"effect": "earn", "type": point_type, "formula": {"kind": "fixed", "points": "100"}}
    multiply = {"effect": "earn", "type": point_type, "formula": {"kind": "multiply", "factor": "2"}}
    rate = {"effect": "earn", "type": point_type, "formula": {"kind": "rate", "points": "1", "per": "1.00"}}
    offered = [
        Addition("multiply", _("Multiply points"), "close", multiply),
        Addition("fixed", _("Fixed points"), "add", fixed),
        Addition("rate", _("Points for the amount"), "percent", rate),
    ]
    return [one for one in offered if one.node["effect"] in registries.effect_names()]


def limits() -> list[Addition]:
    """The limits that may be added; each has an id of its own by C25."""
    return [
        Addition("member", _("A limit for each member"), "person",
                 {"id": "MEMBER", "scope": "member", "period": "month", "measure": "points", "max": "500"}),
        Addition("purchase", _("A limit for each purchase"), "receipt_long",
                 {"id": "PURCHASE", "scope": "transaction", "measure": "points", "max": "200"}),
        Addition("budget", _("A budget for everybody together"), "savings",
                 {"id": "BUDGET", "scope": "promotion", "measure": "points", "max": "50000"}),
    ]  # fmt: skip
