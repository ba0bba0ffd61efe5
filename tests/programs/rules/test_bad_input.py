"""What people and programs send by mistake or in spite: a problem at its field, at once, and nothing breaks."""

import time

import pytest

from programs.rules import validate, validate_segment
from tests.programs.rules.builders import compare_to, earn, fixed, in_category, rate, rule

pytestmark = pytest.mark.pure

POINTS = earn(fixed("1"))
DECLARED = {"member.shoe_size": "number", "member.consent.*": "boolean", "line.season": "text"}


def found(document, **fields):
    return [(path, code) for path, code, _ in validate(document, **fields)]


def when(*conditions, **fields):
    return rule("R", POINTS, when=conditions[0] if len(conditions) == 1 else {"op": "all", "of": list(conditions)})


def lines(cmp, value, measure="units", code="a"):
    return {"op": "lines", "where": in_category(code), "measure": measure, "cmp": cmp, "value": value}


class TestSize:
    def nested(self, levels):
        condition = {"op": "true"}
        for _ in range(levels):
            condition = {"op": "not", "of": [condition]}
        return condition

    @pytest.mark.parametrize("levels", [13, 1000, 10_000])
    def test_nesting(self, levels):
        assert found(when(self.nested(levels))) == [("", "too_deep")]

    def test_nesting_of_bare_lists(self):
        value = []
        for _ in range(10_000):
            value = [value]
        assert found(when(value)) == [("", "too_deep")]
        assert [one.code for one in validate_segment({"schema": "segment/1", "when": value})] == ["too_deep"]

    @pytest.mark.parametrize(
        ("document", "path"),
        [
            (when(compare_to("line.sku", "in", [str(number) for number in range(1_000_000)])), "/when/value"),
            (when(compare_to("txn.store", "not_in", list(range(1_000_000)))), "/when/value"),
            (when({"op": "any", "of": [{"op": "true"}] * 1_000_000}), "/when/of"),
            ({"id": "R", "then": [POINTS] * 1_000_000}, "/then"),
            ({"id": "R", "then": [POINTS], **{f"x{number}": 1 for number in range(1_000_000)}}, ""),
        ],
        ids=["texts", "numbers", "conditions", "effects", "fields"],
    )
    def test_lists_of_a_million_cost_next_to_nothing(self, document, path):
        started = time.process_time()
        assert found(document) == [(path, "too_many")]
        assert time.process_time() - started < 0.5

    def test_ten_thousand_values_are_taken(self):
        assert found(when(compare_to("txn.store", "in", [str(number) for number in range(10_000)]))) == []

    def test_more_conditions_than_anybody_reads(self):
        assert found(when(*[compare_to("txn.store", "ne", str(number)) for number in range(600)])) == [
            ("", "too_many_nodes")
        ]

    @pytest.mark.parametrize("text", ["a\0b", "\ud800"])
    def test_text_that_no_database_keeps(self, text):
        assert found(rule(text, POINTS)) == [("/id", "wrong_format")]
        assert found(when(compare_to("txn.store", "in", ["a", text]))) == [("/when/value/1", "wrong_format")]

    @pytest.mark.parametrize("document", [None, 7, "rule", [], [[]], True, 1.5])
    def test_what_is_no_rule_at_all(self, document):
        assert found(document) == [("", "wrong_type")]


class TestAttributes:
    def test_an_unknown_one_is_named_with_what_may_have_been_meant(self):
        (problem,) = validate(when(compare_to("txn.amonut", "gte", "10")), attributes=DECLARED)
        assert (problem.path, problem.code) == ("/when/attr", "unknown_attribute")
        assert "txn.amount" in problem.facts["similar"]

    def test_an_unknown_one_in_a_filter_and_in_a_number(self):
        filtered = rule("R", earn(fixed("1"), where=compare_to("line.catgories", "overlaps", ["a"])))
        assert found(filtered, attributes=DECLARED) == [("/then/0/where/attr", "unknown_attribute")]
        ratio = {"op": "compare", "left": {"op": "attr", "attr": "member.height"}, "cmp": "gt", "right": "1"}
        assert found(when(ratio), attributes=DECLARED) == [("/when/left/attr", "unknown_attribute")]

    def test_declared_ones_are_known_with_their_kind(self):
        assert found(when(compare_to("member.shoe_size", "gte", "42")), attributes=DECLARED) == []
        assert found(when(compare_to("member.consent.email", "eq", True)), attributes=DECLARED) == []
        assert found(when(compare_to("member.shoe_size", "gte", "big")), attributes=DECLARED) == [
            ("/when/value", "wrong_type")
        ]

    def test_where_nobody_knows_the_declared_ones_every_path_is_taken(self):
        assert found(when(compare_to("member.shoe_size", "gte", "big"))) == []

    @pytest.mark.parametrize(
        ("condition", "path", "code"),
        [
            (compare_to("txn.amount", "gte", "ten"), "/when/value", "wrong_type"),
            (compare_to("txn.amount", "between", ["1", "ten"]), "/when/value/1", "wrong_type"),
            (compare_to("txn.amount", "eq", True), "/when/value", "wrong_type"),
            (compare_to("txn.amount", "overlaps", ["1"]), "/when/cmp", "not_a_choice"),
            (compare_to("txn.date", "eq", "2026-02-30"), "/when/value", "wrong_type"),
            (compare_to("txn.time", "gte", "noon"), "/when/value", "wrong_type"),
            (compare_to("txn.store", "gte", "A"), "/when/cmp", "not_a_choice"),
            (compare_to("member.birthday", "lt", "young"), "/when/value", "wrong_type"),
            (lines("gte", "two"), "/when/value", "wrong_format"),
            ({"op": "compare", "left": {"op": "attr", "attr": "txn.store"}, "cmp": "gt", "right": "1"},
             "/when/left/attr", "wrong_type"),
        ],
    )  # fmt: skip
    def test_values_and_comparisons_of_another_kind(self, condition, path, code):
        assert found(when(condition)) == [(path, code)]

    @pytest.mark.parametrize("value", ["ten", "1e9", "-1", "9" * 400, " 1", "1,5", "0x1", "١"])
    def test_numbers_as_words(self, value):
        assert found(rule("R", earn(rate(value)))) == [("/then/0/formula/points", "wrong_format")]

    @pytest.mark.parametrize("value", [1.5, float("nan"), float("inf"), None, [], {}])
    def test_numbers_that_are_no_decimals(self, value):
        assert found(rule("R", earn(rate(value)))) == [("/then/0/formula/points", "wrong_type")]


class TestNeverTrue:
    @pytest.mark.parametrize(
        ("conditions", "path"),
        [
            ([compare_to("txn.amount", "gte", "100"), compare_to("txn.amount", "lt", "50")], "/when/of/1"),
            ([compare_to("txn.amount", "gt", "50"), compare_to("txn.amount", "lte", "50.00")], "/when/of/1"),
            ([compare_to("txn.channel", "eq", "a"), compare_to("txn.channel", "in", ["b", "c"])], "/when/of/1"),
            ([compare_to("txn.channel", "eq", "a"), compare_to("txn.channel", "ne", "a")], "/when/of/1"),
            ([compare_to("txn.channel", "eq", "a"), compare_to("txn.channel", "is_missing")], "/when/of/1"),
            ([compare_to("txn.hour", "gte", 20), compare_to("txn.hour", "in", [8, 9])], "/when/of/1"),
            ([lines("gte", 3), lines("lt", 2)], "/when/of/1"),
            ([compare_to("member.x", "gt", "9"), compare_to("member.x", "lt", "3")], "/when/of/1"),
            ([compare_to("txn.amount", "between", ["100", "50"])], "/when"),
            ([compare_to("txn.weekday", "eq", 8)], "/when"),
            ([compare_to("txn.hour", "gt", 23)], "/when"),
            ([lines("lt", 0)], "/when"),
            ([{"op": "purchase_number", "cmp": "lt", "value": 1}], "/when"),
            ([{"op": "history", "measure": "amount", "cmp": "lt", "value": "0"}], "/when"),
            ([{"op": "not", "of": [{"op": "true"}]}], "/when"),
            ([{"op": "any", "of": [compare_to("txn.day", "eq", 32), {"op": "true"}]}], "/when/of/0"),
        ],
    )
    def test_parts_that_exclude_each_other(self, conditions, path):
        assert found(when(*conditions)) == [(path, "never_true")]

    @pytest.mark.parametrize(
        "conditions",
        [
            [compare_to("txn.amount", "gte", "50"), compare_to("txn.amount", "lte", "50")],
            [in_basket := lines("gte", 1), lines("gte", 1, code="b")],
            [lines("gte", 5), lines("lt", 2, measure="lines")],
            [compare_to("txn.coupons", "overlaps", ["a"]), compare_to("txn.coupons", "disjoint", ["b"])],
            [compare_to("member.hobbies", "eq", "a"), compare_to("member.hobbies", "eq", "b")],
            [{"op": "none", "of": [compare_to("txn.day", "eq", 32)]}, in_basket],
            [compare_to("txn.channel", "in", ["a", "b"]), compare_to("txn.channel", "ne", "a")],
        ],
    )
    def test_parts_that_go_together(self, conditions):
        assert found(when(*conditions)) == []

    def test_audience_and_condition_must_both_hold(self):
        document = rule(
            "R",
            POINTS,
            audience=compare_to("member.tier", "eq", "gold"),
            when=compare_to("member.tier", "in", ["silver", "basic"]),
        )
        assert found(document) == [("/when", "never_true")]

    def test_a_filter_of_lines(self):
        two = {"op": "all", "of": [compare_to("line.sku", "eq", "a"), compare_to("line.sku", "eq", "b")]}
        assert found(rule("R", earn(fixed("1"), where=two))) == [("/then/0/where/of/1", "never_true")]
        assert found(when({"op": "lines", "where": two, "measure": "lines", "cmp": "gte", "value": 1})) == [
            ("/when/where/of/1", "never_true")
        ]

    def test_a_limit_below_the_only_grant(self):
        limit = {"id": "L", "scope": "member", "max": "9", "overflow": "all_or_nothing"}
        assert found(rule("R", earn(fixed("10")), limits=[limit])) == [("/limits/0/max", "too_small")]
        assert found(rule("R", earn(fixed("9")), limits=[limit])) == []

    def test_a_segment(self):
        document = {"schema": "segment/1", "when": compare_to("member.age", "lt", 0)}
        assert [(one.path, one.code) for one in validate_segment(document)] == [("/when", "never_true")]
