"""The trial document: its defaults and the shape of its answer."""

import json

import pytest

from programs.rules import run_trial
from tests.programs.rules.builders import base, compare_to, earn, fixed, line, rate, rule, times, trial

pytestmark = pytest.mark.pure


def test_the_smallest_document():
    document = {
        "rules": [{"id": "R", "then": [{"effect": "earn", "formula": {"kind": "fixed", "points": "5"}}]}],
        "purchase": {"at": "2026-12-04T17:30:00+01:00", "lines": [{"sku": "A", "unit_price": "10.00", "qty": 1}]},
    }
    answer = run_trial(document)
    assert answer["points"] == {"POINTS": "5"}
    assert answer["lines"] == [{"line_id": "1", "base": {"POINTS": "0"}, "bonus": {"POINTS": "5"}, "discount": "0.00"}]


def test_the_whole_answer():
    rules = [
        base(),
        rule("DOUBLE", earn(times("2"))),
        rule("OFF", {"effect": "discount", "amount": "5.00"}),
        rule("GIFT", {"effect": "voucher", "template": "V1"}, {"effect": "badge", "badge": "B"}),
        rule("WEB", earn(fixed("9")), when=compare_to("txn.channel", "eq", "web")),
    ]
    answer = trial(rules, [line("25.00", 2), line("5.00")], purchase={"channel": "store"}, returns=[[[0, 1]], [[1, 1]]])
    explanation = answer.pop("explanation")
    assert answer == {
        "points": {"POINTS": "10"},
        "by_rule": {
            "OFF": {"points": {}, "discount": "5.00", "vouchers": [], "effects": []},
            "BASE": {"points": {"POINTS": "5"}, "discount": "0.00", "vouchers": [], "effects": []},
            "DOUBLE": {"points": {"POINTS": "5"}, "discount": "0.00", "vouchers": [], "effects": []},
            "GIFT": {
                "points": {},
                "discount": "0.00",
                "vouchers": ["V1"],
                "effects": [{"effect": "badge", "document": {"effect": "badge", "badge": "B"}, "facts": {}}],
            },
        },
        "not_applied": {"WEB": "when_false"},
        "discount": "5.00",
        "vouchers": ["V1"],
        "lines": [
            {"line_id": "1", "base": {"POINTS": "5"}, "bonus": {"POINTS": "5"}, "discount": "4.55"},
            {"line_id": "2", "base": {"POINTS": "0"}, "bonus": {"POINTS": "0"}, "discount": "0.45"},
        ],
        "reversed": {"POINTS": "0"},
        "reversed_by_rule": {},
    }
    assert {entry["rule"]: entry["status"] for entry in explanation} == {
        "BASE": "applied",
        "DOUBLE": "applied",
        "OFF": "applied",
        "GIFT": "applied",
        "WEB": "not_applied",
    }
    json.dumps(explanation)


def test_the_explanation_of_a_base_rule_shows_its_numbers():
    (entry,) = trial([base(rate("2"))], [line("25.00", 2), line("5.00", line_id="x")])["explanation"]
    (effect,) = entry["effects"]
    assert effect == {
        "effect": "earn",
        "index": 0,
        "type": "POINTS",
        "formula": {"kind": "rate", "points": "2", "per": "10.00"},
        "basis": "55",
        "numbers": {"steps": 5},
        "lines": [{"line": "1", "weight": 5000}, {"line": "x", "weight": 500}],
        "before_limits": "10",
        "amount": "10",
    }


def test_point_types_have_their_decimals_and_the_first_is_the_default():
    program = {"point_types": [{"code": "MILES", "decimals": 2}, {"code": "STATUS", "decimals": 0}]}
    answer = trial([base(rate(step="proportional"))], [line("12.34")], program=program)
    assert answer["points"] == {"MILES": "1.23", "STATUS": "0"}


def test_a_line_of_nothing_is_dropped_and_keeps_its_place_for_returns():
    """Lines 0 and 2 are real; the second return index still means the third line."""
    lines = [line("10.00"), line("0.00", 0), line("30.00")]
    answer = trial([base()], lines, returns=[[[2, 1]]])
    assert [one["line_id"] for one in answer["lines"]] == ["1", "3"]
    assert answer["reversed"] == {"POINTS": "3"}


def test_a_line_without_quantity_but_with_an_amount_is_one_unit():
    answer = trial([rule("U", earn({"kind": "per_unit", "points": "1"}))], [{"amount": "5.00", "qty": 0}])
    assert answer["points"] == {"POINTS": "1"}


def test_tiers_of_several_schemes_compare_by_their_rank():
    document = rule("R", earn(fixed("5")), when=compare_to("member.tier.club", "gte", "silver"))
    program = {"schemes": {"club": ["basic", "silver", "gold"]}}
    for tier, granted in (("gold", "5"), ("silver", "5"), ("basic", "0")):
        answer = trial([document], [line("1.00")], program=program, member={"tiers": {"club": tier}})
        assert answer["points"] == {"POINTS": granted}
