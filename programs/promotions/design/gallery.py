"""The gallery: promotions to start from. A template is a document with the values that its author will want to change."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A promotion to start from."""

    code: str
    title: str
    text: str
    icon: str
    group: str


def _lines(measure: str = "units", value: Any = 1) -> Document:
    where = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": []}
    return {"op": "lines", "where": where, "measure": measure, "cmp": "gte", "value": value}


def _earn(**formula: Any) -> Document:
    return {"effect": "earn", "formula": formula}


def _where() -> Document:
    return {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": []}


def _all(*conditions: Document) -> Document:
    return {"op": "all", "of": list(conditions)}


def _history(measure: str, comparison: str, value: Any, **window: Any) -> Document:
    found = {"op": "history", "measure": measure, "cmp": comparison, "value": value}
    return found | ({"window": window} if window else {})


_MEMBER_MONTH = {"id": "MEMBER", "scope": "member", "period": "month", "measure": "points", "max": "500"}
_ONCE = {"id": "ONCE", "scope": "member", "period": "lifetime", "measure": "uses", "max": "1"}
_YEARLY = {"id": "YEAR", "scope": "member", "period": "year", "measure": "uses", "max": "1"}
_BUDGET = {"id": "BUDGET", "scope": "promotion", "measure": "points", "max": "50000"}
_TWICE = {"kind": "multiply", "factor": "2"}
DOCUMENTS: Mapping[str, Document] = {
    "base": {"phase": "base", "then": [_earn(kind="rate", points="1", per="1.00")]},
    "happy-hours": {"schedule": {"weekdays": [5], "times": [["16:00", "18:00"]]}, "then": [_earn(**_TWICE)]},
    "category": {"when": _all(_lines()), "then": [{**_earn(**_TWICE), "where": _where()}], "limits": [_MEMBER_MONTH]},
    "volume": {
        "then": [
            _earn(
                kind="table",
                mode="marginal",
                position={"measure": "amount", "window": {"this": "month"}},
                rows=[
                    {"from": "0", "points": "0", "per": "100.00"},
                    {"from": "500.00", "points": "1", "per": "100.00"},
                ],
            )
        ]
    },
    "stamps": {
        "when": _all(_lines()),
        "then": [{**_earn(kind="fixed", points="10", for_every={"units": 10}), "where": _where()}],
    },
    "basket": {
        "when": _all({"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"}),
        "then": [_earn(kind="fixed", points="25")],
        "limits": [{"id": "MONTH", "scope": "member", "period": "month", "measure": "uses", "max": "4"}],
    },
    "cross": {
        "audience": _all({**_history("purchases", "gte", 1, last_days=60), "where": _where()}),
        "when": _all(_lines()),
        "then": [{**_earn(kind="multiply", factor="3"), "where": _where()}],
        "limits": [_MEMBER_MONTH],
    },
    "birthday": {
        "audience": _all({"op": "birthday_within", "before": 3, "after": 3}),
        "then": [_earn(**_TWICE)],
        "limits": [_YEARLY],
    },
    "first": {
        "when": _all({"op": "purchase_number", "cmp": "eq", "value": 1}),
        "then": [_earn(kind="fixed", points="100")],
    },
    "reactivation": {
        "audience": _all(_history("days_since_last", "gte", 60)),
        "then": [_earn(kind="fixed", points="150")],
        "limits": [_YEARLY, _BUDGET],
    },
    "threshold": {
        "audience": _all(_history("amount", "gte", "500.00", last_months=12)),
        "then": [_earn(**_TWICE)],
        "limits": [_ONCE, _BUDGET],
    },
    "weekend": {"schedule": {"weekdays": [6, 7]}, "then": [_earn(**_TWICE)], "limits": [_BUDGET]},
    "tier": {
        "audience": _all({"op": "test", "attr": "member.tier", "cmp": "in", "value": []}),
        "then": [_earn(kind="multiply", factor="1.5")],
    },
    "partner": {
        "when": _all({"op": "test", "attr": "txn.partner", "cmp": "in", "value": []}),
        "then": [_earn(**_TWICE)],
        "limits": [_BUDGET],
    },
    "store": {
        "when": _all({"op": "test", "attr": "txn.store", "cmp": "in", "value": []}),
        "then": [_earn(kind="fixed", points="50")],
        "limits": [_ONCE],
    },
    "variety": {
        "when": _all({"op": "lines", "measure": "distinct:product", "cmp": "gte", "value": 10}),
        "then": [_earn(kind="fixed", points="20")],
    },
}


def templates() -> list[Template]:
    """What there is to start from, in the order of the gallery."""
    earning, products, members = _("Earning"), _("Products"), _("Members")
    return [
        Template("base", _("Base points"), _("So many points for every full amount."), "percent", earning),
        Template("basket", _("Large basket"), _("Extra points from an amount on."), "shopping_cart", earning),
        Template("volume", _("The more, the more"), _("Higher rates for what goes beyond an amount a month."),
                 "trending_up", earning),
        Template("happy-hours", _("Happy hours"), _("Double points on some days at some times."), "schedule", earning),
        Template("weekend", _("Weekend"), _("Double points on Saturday and Sunday."), "weekend", earning),
        Template("category", _("Category of the month"), _("Double points on some products."), "category", products),
        Template("stamps", _("Stamps"), _("Points for every so many pieces."), "approval", products),
        Template("cross", _("From one to the other"), _("Who bought this gets more on that."), "swap_horiz", products),
        Template("variety", _("Many different ones"), _("Points for many different products in one basket."),
                 "shopping_basket", products),
        Template("first", _("First purchase"), _("A welcome with the first purchase."), "waving_hand", members),
        Template("birthday", _("Birthday"), _("Double points around the birthday."), "cake", members),
        Template("reactivation", _("Welcome back"), _("Points for who comes back after a long time."), "undo", members),
        Template("threshold", _("Large spender"), _("A reward for who spent much in a year."), "diamond", members),
        Template("tier", _("Benefit of a tier"), _("More points for some tiers."), "workspace_premium", members),
        Template("partner", _("With a partner"), _("Double points at a partner."), "handshake", members),
        Template("store", _("New store"), _("Points for the first visit to a store."), "store", members),
    ]  # fmt: skip


def document_of(code: str, point_type: str) -> Document:
    """The document of a template with the program's point type; an empty one for no or an unknown template."""
    found: Document = copy.deepcopy(DOCUMENTS.get(code, {}))
    for effect in found.get("then", ()):
        effect["type"] = point_type
    return found
