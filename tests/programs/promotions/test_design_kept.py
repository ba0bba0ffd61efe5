"""Whatever the language allows survives the page: untouched it changes nothing, and what has no field is said in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from loyalty.kernel.text import Texts
from programs.promotions.design import edits, kept, normal, parts, read, tidied
from programs.promotions.design.fields import Option
from programs.promotions.design.shape import Palette, all_rows
from programs.promotions.sentence import Names
from programs.rules import validate
from programs.setup.models import PointType
from tests.programs.promotions.sending import sent

pytestmark = pytest.mark.pure
EXAMPLES = json.loads((Path(__file__).parents[1] / "rules" / "examples.json").read_text(encoding="utf-8"))["promotions"]
PALETTE = Palette("USD", [Option("POINTS", "points")], [Option("SPORT", "SPORT")], events=[Option("SURVEY", "Survey")])
NAMES = Names(currency="USD", point_types={"POINTS": PointType(code="POINTS", name=Texts(en="points"))})
COFFEE = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["coffee"]}
EARN: dict[str, Any] = {"effect": "earn", "formula": {"kind": "fixed", "points": "10"}}
SPENT = {"op": "history", "measure": "amount"}
CONDITIONS: list[dict[str, Any]] = [
    {"op": "test", "attr": "txn.amount", "cmp": "between", "value": ["10.00", "20.00"]},
    {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": 20},
    {"op": "test", "attr": "txn.store", "cmp": "in", "value": {"list": "city-stores"}},
    {"op": "test", "attr": "txn.store", "cmp": "eq", "value": "100"},
    {"op": "test", "attr": "txn.payment", "cmp": "in", "value": ["card", "cash"]},
    {"op": "test", "attr": "txn.payment", "cmp": "in", "value": ["card, blue", "cash"]},
    {"op": "test", "attr": "txn.weekday", "cmp": "eq", "value": 5},
    {"op": "test", "attr": "txn.weekday", "cmp": "in", "value": [7, 6]},
    {"op": "test", "attr": "txn.coupons", "cmp": "contains_all", "value": ["A", "B"]},
    {"op": "test", "attr": "member.city", "cmp": "is_missing"},
    {"op": "test", "attr": "member.home", "cmp": "within_km", "value": {"lat": "52.2", "lon": "21.0", "km": "5"}},
    {"op": "test", "attr": "member.shoe_size", "cmp": "gte", "value": 40},
    {"op": "test", "attr": "member.consent.email", "cmp": "eq", "value": False},
    {"op": "in_segment", "segment": "GONE"},
    {"op": "not", "of": [{"op": "purchase_number", "every": 5}]},
    {"op": "streak_weeks", "cmp": "gte", "value": 4},
    {"op": "every_line", "where": COFFEE},
    {"op": "lines", "where": {"op": "any", "of": [COFFEE, {**COFFEE, "cmp": "disjoint"}]}, "measure": "lines", "cmp": "ne",
     "value": 1},
    {"op": "during", "schedule": {"times": [["22:00", "02:00"]]}},
    {"op": "anniversary_within", "attr": "member.since", "before": 1, "after": 2},
    {"op": "compare", "left": SPENT, "cmp": "gt", "right": {"op": "add", "of": ["5", {"op": "attr", "attr": "txn.amount"}]}},
    {"op": "compare", "left": {"op": "attr", "attr": "txn.amount"}, "cmp": "gt", "right": {"op": "mul", "of": ["2", SPENT]}},
    {**SPENT, "cmp": "gte", "value": "5.00", "include_current": True, "txn_where": {
        "op": "test", "attr": "txn.channel", "cmp": "in", "value": ["online"]}, "window": {"previous": "month"}},
    {**SPENT, "cmp": "gte", "value": "5", "window": {"since": "2026-01-01T12:00:00"}},
    {"op": "history", "measure": "events", "event": "GONE", "cmp": "gte", "value": 1, "window": {"last_hours": 24}},
    {"op": "history", "measure": "points", "point_type": "GONE", "cmp": "gte", "value": 1},
    {"op": "history", "measure": "streak", "window": {"this": "week"}, "cmp": "gte", "value": 3},
    {"op": "at_least", "n": 1, "of": [
        {"op": "true"}, {"op": "none", "of": [{"op": "birthday_within", "before": 0, "after": 1}]}]},
]  # fmt: skip
EFFECTS: list[dict[str, Any]] = [
    {**EARN, "to": "member", "round": "up", "decimals": 2, "limits": [{"id": "E", "scope": "member", "max": "5"}]},
    {"effect": "earn", "formula": {"kind": "expression", "value": {"op": "attr", "attr": "txn.amount"}}},
    {"effect": "earn", "formula": {"kind": "rate", "points": "1", "per": "2", "per_line": True, "basis": "list"}},
    {"effect": "earn", "formula": {"kind": "multiply", "factor": "2.50", "compound": True}, "if": {"op": "any", "of": [COFFEE]}},
    {"effect": "earn", "formula": {"kind": "fixed", "points": "1", "for_every": {"amount": "10.00"}}},
    {"effect": "earn", "formula": {"kind": "table", "mode": "bracket", "step": "proportional",
                                   "rows": [{"from": "0", "points": "5"}]}},
    {**EARN, "expiry": {"at": "end_of_month"}, "activation": {"on_event": "SHIPPED"}},
    {**EARN, "expiry": {"after_inactivity": {"months": 6}}, "activation": {"on": "2026-12-01"}},
    {**EARN, "expiry": {"never": True}, "where": {"op": "none", "of": [COFFEE]}},
    {"effect": "discount", "price": "1.00", "buy_where": COFFEE, "group": 2, "get": 1, "select": "dearest"},
    {"effect": "discount", "amount": "5.00"},
    {"effect": "nth_free", "n": 3, "get": 1, "percent": "50", "where": {"op": "true"}},
    {"effect": "bundle", "price": "5", "max": 2, "parts": [{"where": COFFEE}, {"where": {"op": "all", "of": [COFFEE]}}]},
    {"effect": "voucher", "template": "GONE", "on_reverse": "charge_value", "expiry": {"on": "2026-12-31"}},
    {"effect": "message", "text": {"en": "Two\nlines", "de": "Zwei"}, "channel": "in_app"},
    {"effect": "print", "template": "CODE"},
    {"effect": "tier", "tier": "GONE", "scheme": "STATUS", "valid": {"at": "end_of_year"}},
    {"effect": "attribute_set", "attr": "member.vip", "value": True},
    {"effect": "burn", "formula": {"kind": "rate", "points": "1", "per": "10"}},
    {"effect": "webhook", "endpoint": "https"},
]  # fmt: skip
FRAMES: list[dict[str, Any]] = [
    {"trigger": {"on": "points_expiring", "days_before": 14, "type": "POINTS"}},
    {"trigger": {"on": "schedule", "every": "week", "weekday": 3}},
    {"trigger": {"on": "tier_changed", "scheme": "STATUS"}},
    {"trigger": {"on": "metric_crossed", "metric": {"measure": "days", "include_current": True}, "threshold": 5}},
    {"trigger": "event:GONE", "when": {"op": "test", "attr": "event.rating", "cmp": "gte", "value": 4}},
    {"schedule": {"from": "2026-01-01T00:00:00+01:00", "to": "2026-12-31", "times": [["18:00", "24:00"], ["07:00", "09:00"]],
                  "month_days": [1, -1], "dates": ["12-24"], "blackout": ["2026-05-01", "12-25"]}},
    {"limits": [{"id": "A", "scope": "household", "rolling_days": 30, "measure": "value", "max": "5"},
                {"id": "B", "scope": "campaign", "max": 7, "type": "GONE"}], "campaign": "SPRING"},
    {"group": "GONE", "exclusive": False, "priority": 5, "phase": "base", "on_return": "keep", "version": 3,
     "name": {"en": "A"}, "holdout": {"percent": 5, "salt": "S"}, "funding": [{"partner": "GONE", "share": "1.00"}]},
    {"else": [{"effect": "message", "template": "GONE"}, {"effect": "flag", "flag": "X"}]},
]  # fmt: skip
DOCUMENTS: list[dict[str, Any]] = [
    *EXAMPLES,
    *({"when": one, "then": [EARN]} for one in CONDITIONS),
    *({"audience": {"op": "any", "of": [one, COFFEE]}, "then": [EARN]} for one in CONDITIONS),
    *({"then": [one, EARN]} for one in EFFECTS),
    *({"then": [EARN], **one} for one in FRAMES),
]


def told(document: dict[str, Any]) -> list[str]:
    """What the page says of a document beside its fields."""
    shown = parts(normal(document), PALETTE)
    kept.tell(shown, normal(document), NAMES)
    rows = [row for part in shown for row in all_rows(part.rows)]
    return [words for one in (*shown, *rows) for words in one.kept] + [row.words for row in rows if row.words]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: json.dumps(one)[:90])
def test_an_untouched_page_changes_nothing_at_all(document):
    assert tidied(read(document, sent(document, PALETTE), PALETTE)) == tidied(normal(document))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: json.dumps(one)[:90])
def test_nothing_is_said_in_the_form_of_the_document(document):
    for words in told(document):
        assert words.strip()
        assert not set(words.replace("member.shoe_size", "")) & set("{}[]_\"'"), words


SILENT = ("op", "effect", "kind", "id", "schema", "version", "attr", "cmp", "event")


def left_unsaid(document: dict[str, Any]) -> set[str]:
    """Values of a document that stand in no field, and in no words of the page."""
    shown = parts(normal(document), PALETTE)
    kept.tell(shown, normal(document), NAMES)
    rows = {row.path: row for part in shown for row in all_rows(part.rows)}
    fields = {field.path for part in shown for field in part.fields} | {
        field.path for row in rows.values() for field in row.fields
    }
    said = " ".join(told(document))
    found = set()
    stack: list[tuple[str, Any]] = [("", normal(document))]
    while stack:
        path, node = stack.pop()
        if path in fields or (path in rows and rows[path].words):
            continue
        if isinstance(node, dict):
            stack += [(f"{path}/{key}".lstrip("/"), child) for key, child in node.items()]
        elif isinstance(node, list):
            stack += [(f"{path}/{place}", child) for place, child in enumerate(node)]
        elif path.rpartition("/")[2] not in SILENT and path.split("/")[0] not in ("sentence", "name"):
            is_said = isinstance(node, bool) or str(kept.VALUES.get(node, node)) in said
            found |= set() if is_said else {f"{path}={node}"}
    return found


@pytest.mark.parametrize("document", [{"then": [EARN], **one} for one in FRAMES] + [{"then": [one]} for one in EFFECTS],
                         ids=lambda one: json.dumps(one)[:90])  # fmt: skip
def test_every_value_stands_in_a_field_or_in_words(document):
    # Filters are said as sentences, by the names of what they choose.
    filters = ("then/0/where", "then/0/buy_where", "then/0/parts")
    assert {one for one in left_unsaid(document) if not one.startswith(filters)} == set()


def test_a_condition_without_fields_is_a_sentence():
    document = {"when": CONDITIONS[0], "then": [EARN]}
    assert told(document) == ["amount of the basket from 10.00 USD to 20.00 USD"]


def test_a_detail_without_a_field_is_told_where_it_belongs():
    assert told({"then": [EFFECTS[2]]}) == ["each line for itself: yes", "which amount counts: before discounts"]


def test_a_second_limit_gets_a_name_of_its_own():
    limit = {"id": "MEMBER", "scope": "member", "max": "5"}
    document = edits.edited({"then": [EARN], "limits": [limit]}, edits.Edit("add", "limits", limit))
    assert [one["id"] for one in document["limits"]] == ["MEMBER", "MEMBER-2"]
    assert validate({"id": "A", **document}) == []


def test_a_part_of_an_effect_is_set_and_taken_away():
    document = normal({"then": [EARN]})
    added = edits.edited(document, edits.Edit("set", "then/0/if", CONDITIONS[1]))
    assert added["then"] == [{**EARN, "if": CONDITIONS[1]}]
    assert edits.edited(added, edits.Edit("remove", "then/0/if")) == document
