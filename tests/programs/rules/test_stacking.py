"""Applicable rules, exclusivity, groups, control groups, reason codes: C09, C10, C20, C22."""

import hashlib

import pytest

from programs.rules import bucket_of
from tests.programs.rules.builders import base, compare_to, earn, fixed, line, of_rule, points, rule, times, trial

pytestmark = pytest.mark.pure

LINES = [line("100.00")]


def bonus(rule_id, amount, **fields):
    return rule(rule_id, earn(fixed(amount)), **fields)


class TestExclusive:
    def test_drops_all_other_bonus_rules_and_no_base_rule(self):
        answer = trial([base(), bonus("A", "5", exclusive=True), bonus("B", "50")], LINES)
        assert points(answer) == "15"
        assert answer["not_applied"] == {"B": "exclusive:A"}

    def test_of_several_the_smallest_priority_then_the_smallest_id_stays(self):
        rules = [bonus("A", "1", exclusive=True, priority=2), bonus("B", "2", exclusive=True, priority=1)]
        assert trial(rules, LINES)["not_applied"] == {"A": "exclusive:B"}
        tie = [bonus("B", "1", exclusive=True), bonus("A", "2", exclusive=True)]
        assert trial(tie, LINES)["not_applied"] == {"B": "exclusive:A"}

    def test_a_rule_that_would_grant_nothing_is_not_applicable(self):
        """C09: its limit is used up, so it drops nobody."""
        spent = {"id": "L", "scope": "member", "measure": "points", "max": "10"}
        rules = [bonus("A", "5", exclusive=True, limits=[spent]), bonus("B", "50")]
        answer = trial(rules, LINES, used_limits={"L": "10"})
        assert (points(answer), answer["not_applied"]) == ("50", {"A": "limit:L"})

    def test_a_multiplier_of_nothing_drops_nobody(self):
        answer = trial([rule("A", earn(times("2")), exclusive=True), bonus("B", "50")], LINES)
        assert (points(answer), answer["not_applied"]) == ("50", {})


class TestGroups:
    def test_best_keeps_the_highest_value_after_own_limits(self):
        small = {"id": "L", "scope": "transaction", "measure": "points", "max": "5"}
        rules = [bonus("A", "50", group="g", limits=[small]), bonus("B", "10", group="g"), bonus("C", "1")]
        answer = trial(rules, LINES, program={"groups": {"g": "best"}})
        assert points(answer) == "11"
        assert answer["not_applied"] == {"A": "best_of:B"}

    def test_best_compares_points_by_their_value(self):
        program = {
            "groups": {"g": "best"},
            "point_types": [{"code": "A"}, {"code": "B"}],
            "point_value": {"A": "0.01", "B": "0.10"},
        }
        rules = [
            rule("MANY", earn(fixed("50"), type="A"), group="g"),
            rule("DEAR", earn(fixed("6"), type="B"), group="g"),
        ]
        assert trial(rules, LINES, program=program)["not_applied"] == {"MANY": "best_of:DEAR"}

    def test_best_ties_go_to_priority_then_id(self):
        program = {"groups": {"g": "best"}}
        by_priority = [bonus("A", "5", group="g", priority=2), bonus("B", "5", group="g", priority=1)]
        assert trial(by_priority, LINES, program=program)["not_applied"] == {"A": "best_of:B"}
        by_id = [bonus("B", "5", group="g"), bonus("A", "5", group="g")]
        assert trial(by_id, LINES, program=program)["not_applied"] == {"B": "best_of:A"}

    def test_first_keeps_the_smallest_priority(self):
        rules = [bonus("A", "50", group="g", priority=2), bonus("B", "5", group="g", priority=1)]
        answer = trial(rules, LINES, program={"groups": {"g": "first"}})
        assert (points(answer), answer["not_applied"]) == ("5", {"A": "first_of:B"})

    def test_all_keeps_all_and_at_most_keeps_the_most_valuable(self):
        rules = [bonus("A", "1", group="g"), bonus("B", "3", group="g"), bonus("C", "2", group="g")]
        assert points(trial(rules, LINES, program={"groups": {"g": "all"}})) == "6"
        answer = trial(rules, LINES, program={"groups": {"g": "at_most:2"}})
        assert (points(answer), answer["not_applied"]) == ("5", {"A": "best_of:B"})

    def test_a_rule_that_does_not_hold_leaves_the_group_to_the_others(self):
        rules = [bonus("A", "50", group="g", when=compare_to("txn.channel", "eq", "web")), bonus("B", "5", group="g")]
        answer = trial(rules, LINES, purchase={"channel": "store"})
        assert (points(answer), answer["not_applied"]) == ("5", {"A": "when_false"})


class TestControlGroup:
    def test_the_bucket_is_the_hash_of_salt_and_member(self):
        digest = hashlib.sha256(b"BACK-2026:m-1").digest()
        expected = int.from_bytes(digest[:8], "big") % 10000
        assert bucket_of("BACK-2026", "m-1") == expected

    def test_a_member_below_the_percentage_is_held_out(self):
        bucket = bucket_of("salt", "m-1")
        just_in, just_out = f"{(bucket + 1) / 100:.2f}", f"{bucket / 100:.2f}"
        held = bonus("H", "5", holdout={"percent": just_in, "salt": "salt"})
        answer = trial([held], LINES)
        assert (points(answer), answer["not_applied"]) == ("0", {"H": "holdout"})
        assert answer["explanation"][0]["would_have"]["effects"][0]["amount"] == "5"
        assert points(trial([bonus("H", "5", holdout={"percent": just_out, "salt": "salt"})], LINES)) == "5"

    def test_a_held_out_rule_drops_nobody(self):
        held = bonus("H", "5", exclusive=True, holdout={"percent": "100", "salt": "salt"})
        answer = trial([held, bonus("B", "7")], LINES)
        assert (points(answer), answer["not_applied"]) == ("7", {"H": "holdout"})


class TestReasons:
    def test_the_first_part_that_fails_is_the_reason(self):
        never = compare_to("member.city", "eq", "Gdynia")
        wrong_channel = compare_to("txn.channel", "eq", "web")
        rules = [
            bonus("S", "1", schedule={"weekdays": [1]}, audience=never, when=wrong_channel),
            bonus("A", "1", audience=never, when=wrong_channel),
            bonus("W", "1", when=wrong_channel),
            bonus("U", "1", when=compare_to("member.shoe_size", "gte", 40)),
            bonus("V", "1", audience=compare_to("member.shoe_size", "gte", 40)),
        ]
        answer = trial(rules, LINES, member={"id": "m", "city": "Gdansk"}, purchase={"channel": "store"})
        assert answer["not_applied"] == {
            "S": "outside_schedule",
            "A": "audience_false",
            "W": "when_false",
            "U": "unknown_attribute",
            "V": "unknown_attribute",
        }

    def test_the_explanation_names_the_first_failing_leaf(self):
        condition = {
            "op": "all",
            "of": [compare_to("txn.channel", "eq", "store"), compare_to("txn.amount", "gte", "150.00")],
        }
        answer = trial([bonus("R", "1", when=condition)], LINES, purchase={"channel": "store"})
        leaf = answer["explanation"][0]["leaf"]
        assert (leaf["path"], leaf["condition"]["value"], leaf["actual"]) == ("/when/of/1", "150.00", "100.00")
        assert (leaf["negated"], leaf["unknown"]) == (False, False)

    def test_a_leaf_under_none_is_named_as_negated(self):
        condition = {"op": "none", "of": [compare_to("txn.channel", "eq", "store")]}
        answer = trial([bonus("R", "1", when=condition)], LINES, purchase={"channel": "store"})
        leaf = answer["explanation"][0]["leaf"]
        assert (leaf["path"], leaf["actual"], leaf["negated"]) == ("/when/of/0", "store", True)

    def test_a_rule_with_nothing_to_grant_has_no_reason(self):
        answer = trial([rule("M", earn(times("2")))], LINES)
        assert (answer["not_applied"], answer["explanation"][0]["status"]) == ({}, "nothing")
        assert of_rule(answer, "M") == "0"
