"""Validation: a document is right, or every problem has its path and its code."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from programs.rules import PROMO_SCHEMA, SEGMENT_SCHEMA, ProgramSettings, run_trial, validate, validate_segment
from tests.programs.rules.builders import AT, base, compare_to, earn, fixed, in_category, line, rate, rule, times

pytestmark = pytest.mark.pure

EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))["promotions"]
POINTS = earn(fixed("1"))


def codes(document, **fields):
    return {(path, code) for path, code, _ in validate(document, **fields)}


class TestValid:
    @pytest.mark.parametrize("document", EXAMPLES, ids=lambda one: one["id"])
    def test_the_examples(self, document):
        assert validate(document) == []

    def test_an_id_and_effects_are_enough(self):
        assert validate({"id": "R", "then": [POINTS]}) == []

    def test_upper_case_attributes_and_lists_by_reference(self):
        document = rule("R", POINTS, when=compare_to("member.balance.STATUS", "gte", "100"))
        assert validate(document) == []
        listed = rule("R", POINTS, when=compare_to("txn.store", "in", {"list": "north"}))
        assert validate(listed) == []
        assert codes(listed, lists={}) == {("/when/value/list", "unknown_list")}

    @pytest.mark.parametrize("schema", [PROMO_SCHEMA, SEGMENT_SCHEMA], ids=["promo", "segment"])
    def test_the_schemas_are_schemas(self, schema):
        assert list(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema)) == []


class TestClosed:
    def test_a_misspelled_filter_is_an_error_at_its_field(self):
        assert codes(rule("R", earn(fixed("1"), wheer=in_category("a")))) == {("/then/0/wheer", "unknown_field")}

    @pytest.mark.parametrize(
        ("effect", "path", "code"),
        [
            ({"effect": "earn"}, "/then/0/formula", "missing_field"),
            ({"effect": "earn", "formula": {"kind": "rate", "points": "1"}}, "/then/0/formula/per", "missing_field"),
            (earn(rate("-1")), "/then/0/formula/points", "wrong_format"),
            (earn(rate("1", "0.00")), "/then/0/formula/per", "wrong_format"),
            (earn(rate("1e3")), "/then/0/formula/points", "wrong_format"),
            (earn(fixed("1", for_every={})), "/then/0/formula/for_every", "too_few"),
            (earn({"kind": "magic"}), "/then/0/formula/kind", "not_a_choice"),
            ({"effect": "explode"}, "/then/0/effect", "not_a_choice"),
            ({"effect": "voucher"}, "/then/0/template", "missing_field"),
            ({"effect": "discount"}, "/then/0", "exactly_one"),
            ({"effect": "discount", "percent": "10", "amount": "1"}, "/then/0", "exactly_one"),
            ({"effect": "discount", "percent": "101"}, "/then/0/percent", "wrong_format"),
            (earn(fixed("1"), activation={"never": True}), "/then/0/activation/never", "unknown_field"),
            (earn(fixed("1"), expiry={"never": True, "after_days": 3}), "/then/0/expiry", "contradictory_life"),
            (earn(fixed("1"), expiry={"on": "2026-02-30"}), "/then/0/expiry/on", "no_such_date"),
            (earn(times("0.5")), "/then/0/formula/factor", "too_small"),
            (
                earn(
                    {
                        "kind": "table",
                        "mode": "bracket",
                        "rows": [{"from": "5", "points": "1"}, {"from": "5", "points": "2"}],
                    }
                ),
                "/then/0/formula/rows/1/from",
                "rows_out_of_order",
            ),
        ],
    )
    def test_effects(self, effect, path, code):
        assert (path, code) in codes(rule("R", effect))

    @pytest.mark.parametrize(
        ("condition", "path", "code"),
        [
            ({"op": "all", "of": []}, "/when/of", "too_few"),
            ({"op": "alll", "of": []}, "/when/op", "not_a_choice"),
            ({"op": "at_least", "n": 2, "of": [{"op": "true"}]}, "/when/n", "never_true"),
            (compare_to("txn.amount", "between", ["1"]), "/when/value", "too_few"),
            (compare_to("txn.amount", "in", []), "/when/value", "too_few"),
            (compare_to("txn.amount", "eq"), "/when/value", "missing_field"),
            (compare_to("shop.name", "eq", "x"), "/when/attr", "wrong_format"),
            (compare_to("line.sku", "eq", "x"), "/when/attr", "line_outside_filter"),
            (compare_to("member.id", "eq", "x"), "/when/attr", "identity_not_readable"),
            ({"op": "history", "measure": "events", "cmp": "gte", "value": 1}, "/when/event", "missing_field"),
            (
                {
                    "op": "history",
                    "measure": "amount",
                    "window": {"last_days": 3, "this": "month"},
                    "cmp": "gte",
                    "value": 1,
                },
                "/when/window",
                "too_many",
            ),
            (
                {
                    "op": "lines",
                    "where": {"op": "every_line", "where": {"op": "true"}},
                    "measure": "lines",
                    "cmp": "gte",
                    "value": 1,
                },
                "/when/where",
                "not_in_filter",
            ),
            ({"op": "purchase_number"}, "/when", "missing_field"),
            ({"op": "during", "schedule": {"times": [["10:00", "10:00"]]}}, "/when/schedule/times/0", "empty_window"),
            ({"op": "during", "schedule": {"times": [["25:00", "10:00"]]}}, "/when/schedule/times/0/0", "wrong_format"),
        ],
    )
    def test_conditions(self, condition, path, code):
        assert (path, code) in codes(rule("R", POINTS, when=condition))

    def test_the_frame(self):
        half = [{"partner": "X", "share": "0.5"}]
        limit = {"id": "L", "scope": "member", "max": "1"}
        assert codes(rule("R", POINTS, funding=half)) == {("/funding", "shares_not_one")}
        assert codes(rule("R", POINTS, limits=[limit, limit])) == {("/limits/1/id", "duplicate_limit")}
        both = [{**limit, "period": "day", "rolling_days": 3}]
        assert codes(rule("R", POINTS, limits=both)) == {("/limits/0/rolling_days", "period_or_rolling")}
        upside_down = {"from": "2026-12-02", "to": "2026-12-01"}
        assert codes(rule("R", POINTS, schedule=upside_down)) == {("/schedule/to", "empty_validity")}
        assert codes({**base(times("2"))}) == {("/then/0/formula/kind", "multiply_needs_base")}
        assert codes({"then": [POINTS], "color": "red"}) == {("/id", "missing_field"), ("/color", "unknown_field")}
        assert codes(rule("R", POINTS, **{"else": [POINTS]})) == {("/else/0/effect", "else_only_talks")}

    def test_the_program_is_asked_when_it_is_known(self):
        document = rule("R", earn(fixed("1"), type="GOLD"), group="g")
        assert codes(document, settings=ProgramSettings()) == {
            ("/then/0/type", "unknown_point_type"),
            ("/group", "unknown_group"),
        }

    @pytest.mark.parametrize("document", [None, [], "x", 3, {"id": "R", "then": {}}, {"id": 1, "then": [None]}])
    def test_anything_else_is_a_problem_and_no_exception(self, document):
        assert validate(document) != []


class TestSize:
    def nested(self, depth):
        condition = {"op": "true"}
        for _ in range(depth - 1):
            condition = {"op": "not", "of": [condition]}
        return rule("R", POINTS, when=condition)

    def test_twelve_levels_are_allowed_and_thirteen_are_not(self):
        assert validate(self.nested(12)) == []
        assert codes(self.nested(13)) == {("", "too_deep")}

    def test_a_hostile_depth_is_refused_before_anything_recurses(self):
        assert codes(self.nested(100_000)) == {("", "too_deep")}

    def test_nodes_are_counted(self):
        wide = {"op": "any", "of": [{"op": "true"}] * 500}
        assert codes(rule("R", POINTS, when=wide)) == {("", "too_many_nodes")}
        assert validate(rule("R", POINTS, when={"op": "any", "of": [{"op": "true"}] * 490})) == []


class TestSisters:
    def test_a_segment(self):
        document = {"schema": "segment/1", "when": compare_to("member.city", "eq", "Gdynia")}
        assert validate_segment(document) == []
        assert [one.code for one in validate_segment({"schema": "segment/1", "when": {"op": "x"}})] == ["not_a_choice"]
        assert [one.path for one in validate_segment({"schema": "segment/1"})] == ["/when"]


def test_a_trial_answers_the_problems_of_its_rules():
    bad = rule("R", earn(fixed("1"), wheer=in_category("a")))
    answer = run_trial({"rules": [bad, base(), base()], "purchase": {"at": AT, "lines": [line("1.00")]}})
    assert [(one["rule"], one["path"], one["code"]) for one in answer["errors"]] == [
        ("R", "/then/0/wheer", "unknown_field"),
        ("BASE", "/id", "duplicate_rule"),
    ]
