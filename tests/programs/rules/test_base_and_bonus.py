"""Base and bonus, multipliers, compound rules, point types: C05, C07."""

from datetime import UTC, datetime

import pytest

from programs.rules import Context, Line, ProgramSettings, Purchase, RuleSet, evaluate
from tests.programs.rules.builders import (
    base,
    earn,
    fixed,
    in_category,
    line,
    of_rule,
    points,
    rate,
    rule,
    times,
    trial,
)

pytestmark = pytest.mark.pure


class TestMultipliers:
    def test_a_multiplier_works_on_rounded_base_points(self):
        """59.00 gives 5 base points; 1.5 times adds 0.5 x 5 = 2.5, down 2."""
        answer = trial([base(), rule("M", earn(times("1.5")))], [line("59.00")])
        assert (of_rule(answer, "BASE"), of_rule(answer, "M")) == ("5", "2")

    def test_multipliers_add_and_do_not_multiply_each_other(self):
        answer = trial([base(), rule("A", earn(times("2"))), rule("B", earn(times("3")))], [line("100.00")])
        assert points(answer) == "40"

    def test_bonus_rules_do_not_see_each_other(self):
        answer = trial([base(), rule("F", earn(fixed("100"))), rule("M", earn(times("2")))], [line("100.00")])
        assert of_rule(answer, "M") == "10"

    def test_a_limited_multiplier_takes_the_base_points_of_its_lines(self):
        """10 base points over 45.00, 35.00, 25.00 = 4.29, 3.33, 2.38 -> 4, 3, 3."""
        lines = [line("45.00", 1, "a"), line("35.00", 1, "b"), line("25.00", 1, "c")]
        bonus = rule("M", earn(times("3"), where=in_category("c")))
        answer = trial([base(), bonus], lines)
        assert [one["base"]["POINTS"] for one in answer["lines"]] == ["4", "3", "3"]
        assert of_rule(answer, "M") == "6"
        assert [one["bonus"]["POINTS"] for one in answer["lines"]] == ["0", "0", "6"]

    def test_each_base_rule_is_spread_over_its_own_lines(self):
        """Rule B2 takes only category b: its 7 points stand on that line."""
        lines = [line("50.00", 1, "a"), line("70.00", 1, "b")]
        second = base(rate("1"), "B2", where=in_category("b"))
        bonus = rule("M", earn(times("2"), where=in_category("b")))
        answer = trial([base(), second, bonus], lines)
        assert (of_rule(answer, "BASE"), of_rule(answer, "B2"), of_rule(answer, "M")) == ("12", "7", "14")

    def test_a_compound_rule_runs_last_whatever_its_priority(self):
        """(10 base + 10 double + 5 fixed) x 0.5 = 12.5, down 12."""
        rules = [
            base(),
            rule("C", earn(times("1.5", compound=True)), priority=1),
            rule("D", earn(times("2"))),
            rule("F", earn(fixed("5"))),
        ]
        answer = trial(rules, [line("100.00")])
        assert of_rule(answer, "C") == "12"

    def test_a_second_compound_rule_sees_the_first(self):
        rules = [
            base(),
            rule("C2", earn(times("2", compound=True)), priority=2),
            rule("C1", earn(times("2", compound=True)), priority=1),
        ]
        answer = trial(rules, [line("100.00")])
        assert (of_rule(answer, "C1"), of_rule(answer, "C2")) == ("10", "20")

    def test_an_exclusive_compound_rule_drops_the_others_and_sees_base_points_alone(self):
        rules = [base(), rule("C", earn(times("2", compound=True)), exclusive=True), rule("F", earn(fixed("50")))]
        answer = trial(rules, [line("100.00")])
        assert points(answer) == "20"
        assert answer["not_applied"] == {"F": "exclusive:C"}

    def test_a_compound_rule_is_weighed_in_its_group_by_what_the_others_leave(self):
        """10 base + 10 of H: C is worth 20, against 50 or 15 of F."""
        compound = rule("C", earn(times("2", compound=True)), group="g")
        other = rule("H", earn(fixed("10")))
        dear = trial([base(), compound, other, rule("F", earn(fixed("50")), group="g")], [line("100.00")])
        assert (points(dear), dear["not_applied"]) == ("70", {"C": "best_of:F"})
        cheap = trial([base(), compound, other, rule("F", earn(fixed("15")), group="g")], [line("100.00")])
        assert (points(cheap), cheap["not_applied"]) == ("40", {"F": "best_of:C"})


class TestPointTypes:
    PROGRAM = {"point_types": [{"code": "POINTS"}, {"code": "STATUS", "decimals": 1}]}

    def test_each_effect_names_its_type(self):
        both = rule("BASE", earn(rate()), earn(rate("0.5"), type="STATUS"), phase="base")
        answer = trial([both], [line("37.00")], program=self.PROGRAM)
        assert answer["points"] == {"POINTS": "3", "STATUS": "1.5"}

    def test_a_multiplier_takes_the_base_points_of_its_own_type(self):
        both = rule("BASE", earn(rate()), earn(rate("0.5"), type="STATUS"), phase="base")
        answer = trial([both, rule("M", earn(times("2"), type="STATUS"))], [line("37.00")], program=self.PROGRAM)
        assert answer["points"] == {"POINTS": "3", "STATUS": "3.0"}


class TestEffects:
    def test_an_effect_with_a_condition_takes_part_only_when_it_is_true(self):
        voucher = {
            "effect": "voucher",
            "template": "V",
            "if": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"},
        }
        assert trial([rule("R", earn(fixed("1")), voucher)], [line("50.00")])["vouchers"] == ["V"]
        assert trial([rule("R", earn(fixed("1")), voucher)], [line("49.99")])["vouchers"] == []

    def test_the_else_branch_says_what_is_missing(self):
        offer = rule(
            "R",
            earn(times("2")),
            when={"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"},
            **{"else": [{"effect": "message", "template": "add-more", "channel": "push"}]},
        )
        ruleset = RuleSet.build([offer], ProgramSettings())
        purchase = Purchase(at=datetime(2026, 12, 4, tzinfo=UTC), lines=(Line("1", 1, paid=3800, list_amount=3800),))
        outcome = evaluate(ruleset, Context(purchase=purchase))
        (said,) = outcome.effects
        assert (said.branch, said.facts) == ("else", {"missing_amount": "12.00"})
        assert outcome.not_applied == {"R": "when_false"}

    def test_a_stamp_card_rewards_full_cards(self):
        """8 stamps before, 4 now: floor(12 / 10) - floor(8 / 10) = 1."""
        stamp = {
            "effect": "stamp",
            "card": "coffee",
            "where": in_category("coffee"),
            "n": 10,
            "position": {"measure": "units", "where": in_category("coffee")},
            "template": "FREE-COFFEE",
        }
        history = [{"at": "2026-11-01T10:00:00+01:00", "lines": [line("10.00", 8, "coffee")]}]
        answer = trial([rule("S", stamp)], [line("10.00", 4, "coffee")], history=history)
        assert answer["vouchers"] == ["FREE-COFFEE"]
        assert answer["by_rule"]["S"]["effects"][0]["facts"] == {"stamps": 4, "before": 8, "rewards": 1}

    def test_a_grant_is_shared_by_its_funders(self):
        shared = rule(
            "R", earn(fixed("7")), funding=[{"partner": "X", "share": "0.6"}, {"partner": "OP", "share": "0.4"}]
        )
        purchase = Purchase(at=datetime(2026, 12, 4, tzinfo=UTC), lines=(Line("1", 1, paid=100, list_amount=100),))
        (grant,) = evaluate(RuleSet.build([shared], ProgramSettings()), Context(purchase=purchase)).grants
        assert [(share.partner, share.amount) for share in grant.funding] == [("X", 4), ("OP", 3)]
