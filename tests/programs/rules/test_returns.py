"""Returns: C17, C18, keep."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from programs.rules import Context, Line, ProgramSettings, Purchase, RuleSet, evaluate, judge_return
from programs.rules.returns import granted_amounts, granted_effects
from tests.programs.rules.builders import (
    base,
    compare_to,
    earn,
    fixed,
    in_category,
    line,
    points,
    rate,
    rule,
    times,
    trial,
)

pytestmark = pytest.mark.pure


def reversed_points(rules, lines, *returns, **fields):
    return trial(rules, lines, returns=list(returns), **fields)["reversed"]["POINTS"]


class TestRecompute:
    def test_the_kept_units_are_evaluated_again(self):
        """57.00 gave 5; 38.00 kept give 3."""
        assert reversed_points([base()], [line("19.00", 3)], [[0, 1]]) == "2"

    def test_a_later_return_reverses_the_increase(self):
        """57.00 -> 38.00 -> 19.00: 5 -> 3 -> 1."""
        assert reversed_points([base()], [line("19.00", 3)], [[0, 1]], [[0, 1]]) == "2"

    def test_a_threshold_that_is_lost_takes_the_whole_bonus(self):
        bonus = rule("R", earn(fixed("50")), when=compare_to("txn.amount", "gte", "100.00"))
        assert reversed_points([base(), bonus], [line("60.00", 2)], [[0, 1]]) == "56"

    def test_all_units_returned_reverse_everything(self):
        bonus = rule("R", earn(fixed("50")))
        lines = [line("60.00", 2), line("5.00")]
        assert reversed_points([base(), bonus], lines, [[0, 2], [1, 1]]) == "62"
        assert reversed_points([base(), bonus], lines, [[0, 2]], [[1, 1]]) == "50"

    def test_the_discount_of_a_line_stays_with_its_units(self):
        """3 x 10.00 - 3.00 = 27.00; 2 kept are 18.00."""
        formula = rate("1", "0.01")
        assert reversed_points([base(formula)], [line("10.00", 3, discount="3.00")], [[0, 1]]) == "900"

    def test_a_basket_discount_stays_with_its_units(self):
        """4.00 over 90.00 and 10.00: 86.40 and 9.60; a third of 86.40 goes back."""
        formula = rate("1", "0.01")
        lines = [line("30.00", 3), line("10.00")]
        answer = trial([base(formula)], lines, purchase={"basket_discount": "4.00"}, returns=[[[0, 1]]])
        assert (points(answer), answer["reversed"]["POINTS"]) == ("9600", "2880")

    def test_a_return_never_adds(self):
        """Without the dear line the rule for small purchases would give 50."""
        small = rule("R", earn(fixed("50")), when=compare_to("txn.amount", "lt", "20.00"))
        assert reversed_points([small], [line("10.00"), line("50.00")], [[1, 1]]) == "0"

    def test_limits_used_before_the_purchase_judge_the_return(self):
        """20 left: 57 is cut to 20; 38 kept is still cut to 20."""
        capped = {
            **base(rate("1", "1.00")),
            "limits": [{"id": "L", "scope": "member", "measure": "points", "max": "100"}],
        }
        assert reversed_points([capped], [line("19.00", 3)], [[0, 1]], used_limits={"L": "80"}) == "0"
        assert reversed_points([capped], [line("19.00", 3)], [[0, 2]], used_limits={"L": "80"}) == "1"

    def test_a_multiplier_follows_its_base(self):
        bonus = rule("M", earn(times("3"), where=in_category("a")))
        lines = [line("40.00", 1, "a"), line("60.00", 1, "b")]
        assert reversed_points([base(), bonus], lines, [[0, 1]]) == "12"

    def test_parts_of_a_weighed_line_may_return(self):
        formula = rate("1", "0.01")
        assert reversed_points([base(formula)], [line("20.00", "1.5", unit="kg")], [[0, "0.5"]]) == "1000"


class TestProportion:
    def test_reverses_by_amount_half_up(self):
        """10 x 33.33 / 99.99 = 3.33 -> 3; then 6.67 -> 7, an increase of 4."""
        lines = [line("33.33", 3)]
        ten = base(fixed("10"))
        assert reversed_points([ten], lines, [[0, 1]], return_mode="proportional") == "3"
        assert reversed_points([ten], lines, [[0, 1]], [[0, 1]], return_mode="proportional") == "4"
        assert reversed_points([ten], lines, [[0, 1]], [[0, 1]], [[0, 1]], return_mode="proportional") == "3"

    def test_half_a_point_is_rounded_up(self):
        assert reversed_points([base(fixed("5"))], [line("10.00", 2)], [[0, 1]], return_mode="proportional") == "3"


class TestModes:
    def test_keep_reverses_nothing(self):
        assert reversed_points([base()], [line("19.00", 3)], [[0, 3]], return_mode="keep") == "0"

    def test_the_rules_own_mode_wins(self):
        own = {**base(), "on_return": "keep"}
        bonus = rule("R", earn(fixed("4")), on_return="proportional")
        assert reversed_points([own, bonus], [line("50.00", 2)], [[0, 1]]) == "2"


class TestJudgement:
    VOUCHER = rule(
        "V",
        {"effect": "voucher", "template": "T", "on_reverse": "withdraw_if_unused"},
        when=compare_to("txn.amount", "gte", "50.00"),
    )

    def judge(self, rules, returned, **fields):
        ruleset = RuleSet.build(rules, ProgramSettings())
        lines = (
            Line("a", 1, qty=Decimal(2), paid=6000, list_amount=6000),
            Line("b", 2, paid=1000, list_amount=1000),
        )
        context = Context(purchase=Purchase(at=datetime(2026, 12, 4, tzinfo=UTC), lines=lines))
        outcome = evaluate(ruleset, context)
        granted, effects = granted_amounts(outcome), granted_effects(outcome)
        return judge_return(ruleset, context, granted, returned, effects=effects, **fields)

    def test_amounts_are_by_rule_effect_and_type(self):
        found = self.judge([base()], {"a": Decimal(1)})
        assert found.amounts == {("BASE", 0, "POINTS"): 3}
        assert [one.line_id for one in found.kept] == ["a", "b"]

    def test_what_was_reversed_already_is_taken_off(self):
        key = ("BASE", 0, "POINTS")
        found = self.judge([base()], {"a": Decimal(2)}, already_reversed={key: 3})
        assert (found.amounts, found.so_far) == ({key: 3}, {key: 6})
        more = self.judge([base()], {"a": Decimal(1)}, already_reversed={key: 5})
        assert (more.amounts, more.so_far) == ({}, {key: 5})

    def test_effects_that_are_no_longer_earned_are_withdrawn(self):
        assert self.judge([self.VOUCHER], {"b": Decimal(1)}).withdrawn == ()
        assert self.judge([self.VOUCHER], {"a": Decimal(1)}).withdrawn == (("V", 0),)

    def test_discounts_are_judged_in_money(self):
        found = self.judge([rule("D", {"effect": "discount", "percent": "10"})], {"a": Decimal(1)})
        assert found.amounts == {("D", 0, "$discount"): 300}
