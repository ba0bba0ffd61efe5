"""Limits: C08, C25."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from programs.rules import Context, Line, ProgramSettings, Purchase, RuleSet, evaluate
from tests.programs.rules.builders import base, earn, fixed, line, of_rule, points, rate, rule, times, trial

pytestmark = pytest.mark.pure


def limit(limit_id="L", maximum="50", **fields):
    return {"id": limit_id, "scope": "member", "period": "month", "measure": "points", "max": maximum, **fields}


class TestCutting:
    def test_what_is_left_is_granted(self):
        capped = rule("R", earn(fixed("30")), limits=[limit()])
        assert points(trial([capped], [line("1.00")], used_limits={"L": "35"})) == "15"

    def test_all_or_nothing_grants_nothing_that_does_not_fit(self):
        capped = rule("R", earn(fixed("30")), limits=[limit(overflow="all_or_nothing")])
        answer = trial([capped], [line("1.00")], used_limits={"L": "21"})
        assert (points(answer), answer["not_applied"]) == ("0", {"R": "limit:L"})
        assert points(trial([capped], [line("1.00")], used_limits={"L": "20"})) == "30"

    def test_an_exhausted_limit_is_the_reason(self):
        capped = rule("R", earn(fixed("30")), limits=[limit()])
        answer = trial([capped], [line("1.00")], used_limits={"L": "50"})
        assert (answer["not_applied"], answer["by_rule"]) == ({"R": "limit:L"}, {})

    def test_limits_work_in_the_order_listed(self):
        """100 -> 40 per purchase -> does not fit into 30 left, all or nothing -> 0."""
        limits = [limit("T", "40", scope="transaction"), limit("M", "80", overflow="all_or_nothing")]
        answer = trial([rule("R", earn(fixed("100")), limits=limits)], [line("1.00")], used_limits={"M": "50"})
        assert answer["not_applied"] == {"R": "limit:M"}
        turned = trial([rule("R", earn(fixed("100")), limits=limits)], [line("1.00")], used_limits={"M": "40"})
        assert points(turned) == "40"

    def test_a_limit_per_purchase_knows_this_purchase_only(self):
        capped = rule("R", earn(fixed("30")), limits=[limit("T", "20", scope="transaction")])
        assert points(trial([capped], [line("1.00")], used_limits={"T": "1000"})) == "20"

    def test_uses_count_the_rule_once(self):
        once = rule("R", earn(fixed("30")), earn(fixed("5")), limits=[limit("U", "2", measure="uses")])
        assert points(trial([once], [line("1.00")], used_limits={"U": "1"})) == "35"
        assert trial([once], [line("1.00")], used_limits={"U": "2"})["not_applied"] == {"R": "limit:U"}

    def test_value_counts_points_by_their_worth(self):
        """100 points at 0.05 are 5.00; 3.12 left is 62 points."""
        capped = rule("R", earn(fixed("100")), limits=[limit("V", "10.00", measure="value")])
        program = {"point_value": "0.05"}
        assert points(trial([capped], [line("1.00")], program=program, used_limits={"V": "6.88"})) == "62"

    def test_a_limit_of_a_discount_cuts_money(self):
        capped = rule("D", {"effect": "discount", "percent": "50"}, limits=[limit("V", "3.00", measure="value")])
        answer = trial([capped], [line("10.00"), line("5.00")])
        assert answer["discount"] == "3.00"
        assert [one["discount"] for one in answer["lines"]] == ["2.00", "1.00"]

    def test_a_limit_of_an_effect_leaves_the_other_effects(self):
        capped = rule("R", earn(fixed("30"), limits=[limit("E", "10")]), earn(fixed("7")))
        assert points(trial([capped], [line("1.00")])) == "17"

    def test_a_limited_base_rule_gives_what_multipliers_see(self):
        capped = rule("BASE", earn(rate()), phase="base", limits=[limit(maximum="6")])
        answer = trial([capped, rule("M", earn(times("2")))], [line("100.00")])
        assert (of_rule(answer, "BASE"), of_rule(answer, "M")) == ("6", "6")

    def test_a_limit_of_points_counts_one_type(self):
        both = rule("R", earn(fixed("30"), type="A"), earn(fixed("30"), type="B"), limits=[limit(maximum="10")])
        answer = trial([both], [line("1.00")], program={"point_types": [{"code": "A"}, {"code": "B"}]})
        assert answer["points"] == {"A": "10", "B": "30"}

    def test_a_cut_grant_says_what_was_wanted(self):
        answer = trial([rule("R", earn(fixed("30")), limits=[limit()])], [line("1.00")], used_limits={"L": "35"})
        (entry,) = answer["explanation"]
        assert (entry["effects"][0]["before_limits"], entry["effects"][0]["amount"]) == ("30", "15")
        assert entry["limits"] == [
            {"limit": "L", "measure": "points", "max": "50", "left": "15", "before": "30", "after": "15"}
        ]


class TestNames:
    """C25, and counters that stay the same whatever else is published."""

    def test_different_limits_of_one_id_are_known_by_rule_and_limit(self):
        rules = [
            rule("A", earn(fixed("30")), limits=[limit("M", "50")]),
            rule("B", earn(fixed("30")), limits=[limit("M", "40")]),
        ]
        answer = trial(rules, [line("1.00")], used_limits={"A:M": "45", "B:M": "15"})
        assert (of_rule(answer, "A"), of_rule(answer, "B")) == ("5", "25")

    def test_rules_share_a_limit_of_the_program(self):
        """80 left for both: A takes 50 first, B gets 30."""
        shared = limit("P", "100", scope="program")
        rules = [rule("A", earn(fixed("50")), limits=[shared]), rule("B", earn(fixed("50")), limits=[shared])]
        answer = trial(rules, [line("1.00")], used_limits={"P": "20"})
        assert (of_rule(answer, "A"), of_rule(answer, "B")) == ("50", "30")

    def test_a_shared_limit_that_is_used_up_meanwhile_is_the_reason(self):
        shared = limit("P", "50", scope="program")
        rules = [rule("A", earn(fixed("50")), limits=[shared]), rule("B", earn(fixed("50")), limits=[shared])]
        assert trial(rules, [line("1.00")])["not_applied"] == {"B": "limit:P"}

    def uses(self, *limits, at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC), **fields):
        ruleset = RuleSet.build([rule("R", earn(fixed("30")), limits=list(limits), **fields)], ProgramSettings())
        purchase = Purchase(at=at, lines=(Line("1", 1, paid=100, list_amount=100),), store="S1", partner="P1")
        return evaluate(ruleset, Context(purchase=purchase)).limit_uses

    def test_uses_name_counter_scope_and_period_in_program_time(self):
        """23:30 UTC on 31 December is 1 January in Warsaw."""
        periods = ("day", "week", "month", "quarter", "year", "lifetime")
        found = self.uses(*(limit(period, "1000", period=period) for period in periods))
        assert [use.period_key for use in found] == [
            "2027-01-01",
            "2026-W53",
            "2027-01",
            "2027-Q1",
            "2027",
            "lifetime",
        ]
        assert {(use.counter.partition(":")[0], use.amount, use.maximum) for use in found} == {("R", 30, 1000)}

    def test_store_partner_and_campaign_name_their_owner(self):
        scopes = ("store", "partner", "campaign", "promotion")
        found = self.uses(*(limit(scope, "1000", scope=scope) for scope in scopes), campaign="C1")
        assert [(use.counter, use.scope_value) for use in found] == [
            ("R:store", "S1"),
            ("R:partner", "P1"),
            ("campaign:C1:campaign", "C1"),
            ("R:promotion", None),
        ]

    def test_a_limit_per_purchase_takes_nothing_from_any_counter(self):
        assert self.uses(limit(scope="transaction")) == ()

    def test_a_rolling_limit_names_its_days(self):
        rolling = {"id": "W", "scope": "member", "rolling_days": 30, "measure": "uses", "max": "3"}
        assert [(use.period_key, use.amount) for use in self.uses(rolling)] == [("rolling:30", 1)]

    def test_a_dropped_rule_takes_nothing(self):
        ruleset = RuleSet.build(
            [
                rule("A", earn(fixed("30")), limits=[limit("A")], group="g"),
                rule("B", earn(fixed("40")), limits=[limit("B")], group="g"),
            ],
            ProgramSettings(point_value={"POINTS": Decimal("0.01")}),
        )
        purchase = Purchase(at=datetime(2026, 12, 4, tzinfo=UTC), lines=(Line("1", 1, paid=100, list_amount=100),))
        outcome = evaluate(ruleset, Context(purchase=purchase))
        assert [use.limit for use in outcome.limit_uses] == ["B"]


def test_base_rules_report_their_limits_too():
    ruleset = RuleSet.build([{**base(), "limits": [limit("B", "3")]}], ProgramSettings())
    purchase = Purchase(at=datetime(2026, 12, 4, tzinfo=UTC), lines=(Line("1", 1, paid=9900, list_amount=9900),))
    (use,) = evaluate(ruleset, Context(purchase=purchase)).limit_uses
    assert (use.limit, use.amount) == ("B", 3)
