"""What may be added to a promotion: conditions, effects and limits as they begin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from loyalty.kernel import registries, scope
from programs.promotions.design.attributes import AUDIENCE, HAPPENED, WHEN, WHERE, Attributes
from programs.promotions.design.fields import Option

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Addition:
    """Something that a button adds: to a list, or as the ``key`` of what it is added to."""

    code: str
    label: str
    icon: str
    node: Node
    key: str = ""


def weekday_options() -> list[Option]:
    """The days of the week as the language counts them: Monday is 1."""
    return [Option(str(number + 1), str(name)) for number, name in WEEKDAYS.items()]


def new_filter() -> dict[str, Any]:
    """A filter of lines as it begins: of some categories."""
    return {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": []}


def conditions(room: str, attributes: Attributes | None = None) -> list[Addition]:
    """The conditions that may be added to a part; ``attributes``: with those of the program."""
    known = attributes or Attributes()
    by_room = {WHEN: _of_purchase, HAPPENED: _of_event, AUDIENCE: _of_member, WHERE: _of_lines}
    found = [*by_room[room](known)]
    # A group begins with a condition in it: an empty one says nothing and is not kept.
    found.append(Addition("group", _("Group"), "account_tree", {"op": "any", "of": [found[0].node]}))
    return found if room == WHERE else [*found, *_of_history()]


def _of_lines(known: Attributes) -> list[Addition]:
    return [
        Addition("filter", _("Products"), "shopping_basket", new_filter()),
        Addition("test", _("Other property"), "tune", known.new_test("line.unit_price")),
    ]


def _of_purchase(known: Attributes) -> list[Addition]:
    lines = {"op": "lines", "where": new_filter(), "measure": "units", "cmp": "gte", "value": 1}
    number = {"op": "purchase_number", "cmp": "eq", "value": 1}
    return [
        Addition("amount", _("Basket"), "shopping_basket", known.new_test("txn.amount")),
        Addition("lines", _("Products in the basket"), "category", lines),
        Addition("number", _("Number of the purchase"), "tag", number),
    ]


def _of_event(known: Attributes) -> list[Addition]:
    brought = known.first("event.")
    found = (
        [Addition("event", _("What came with the event"), "event_note", known.new_test(brought.path))]
        if brought
        else []
    )
    return [*found, Addition("member", _("Member’s data"), "person", known.new_test("member.age"))]


def _of_member(known: Attributes) -> list[Addition]:
    birthday = {"op": "birthday_within", "before": 0, "after": 0}
    found = [
        Addition("member", _("Member’s data"), "person", known.new_test("member.age")),
        Addition("tier", _("Tier"), "workspace_premium", known.new_test("member.tier")),
        Addition("birthday", _("Birthday"), "cake", birthday),
    ]
    if consent := known.first("member.consent."):
        found.append(Addition("consent", _("Consent"), "verified_user", known.new_test(consent.path)))
    if balance := known.first("member.balance."):
        found.append(Addition("balance", _("Balance"), "account_balance_wallet", known.new_test(balance.path)))
    # A document alone, outside any program, has no segments to name.
    segments = registries.segment_names() if scope.is_entered() else {}
    if segments:
        code = next(iter(segments))
        found.append(Addition("segment", _("Segment"), "groups", {"op": "in_segment", "segment": code}))
    return found


def _of_history() -> list[Addition]:
    history = {"op": "history", "measure": "amount", "window": {"last_days": 90}, "cmp": "gte", "value": "50.00"}
    spent: dict[str, Any] = {"op": "history", "measure": "amount", "window": {"last_days": 180}}
    share = {
        "op": "compare", "left": {**spent, "where": new_filter()}, "cmp": "gte",
        "right": {"op": "mul", "of": ["0.5", spent]},
    }  # fmt: skip
    return [
        Addition("history", _("What happened before"), "history", history),
        Addition("share", _("A share of what they buy"), "pie_chart", share),
    ]


def effects(point_type: str) -> list[Addition]:
    """Earning, in its kinds."""
    fixed = {"effect": "earn", "type": point_type, "formula": {"kind": "fixed", "points": "100"}}
    multiply = {"effect": "earn", "type": point_type, "formula": {"kind": "multiply", "factor": "2"}}
    rate = {"effect": "earn", "type": point_type, "formula": {"kind": "rate", "points": "1", "per": "1.00"}}
    offered = [
        Addition("multiply", _("Multiply points"), "close", multiply),
        Addition("fixed", _("Fixed points"), "add", fixed),
        Addition("rate", _("Points for the amount"), "percent", rate),
    ]
    return [one for one in offered if "earn" in registries.effect_names()]


def limits() -> list[Addition]:
    """The limits that may be added; each gets an id of its own by C25."""
    return [
        Addition("member", _("A limit for each member"), "person",
                 {"id": "MEMBER", "scope": "member", "period": "month", "measure": "points", "max": "500"}),
        Addition("purchase", _("A limit for each purchase"), "receipt_long",
                 {"id": "PURCHASE", "scope": "transaction", "measure": "points", "max": "200"}),
        Addition("budget", _("A budget for everybody together"), "savings",
                 {"id": "BUDGET", "scope": "promotion", "measure": "points", "max": "50000"}),
    ]  # fmt: skip
