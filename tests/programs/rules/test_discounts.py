"""Discounts, buy X get Y, every nth free, bundles, and what points rules see of them: C16, C23, C24."""

import pytest

from tests.programs.rules.builders import (
    base,
    compare_to,
    earn,
    fixed,
    in_category,
    line,
    of_rule,
    points,
    rate,
    rule,
    trial,
)

pytestmark = pytest.mark.pure


def discount(rule_id="D", **fields):
    frame = {name: fields.pop(name) for name in ("group", "priority", "exclusive") if isinstance(fields.get(name), str)}
    return rule(rule_id, {"effect": "discount", **fields}, **frame)


def off(answer):
    return [one["discount"] for one in answer["lines"]]


class TestDiscount:
    def test_a_percentage_is_rounded_once_half_up_and_spread(self):
        """15% of 30.01 = 4.5015 -> 4.50 over 10.00 and 20.01: 1.4995, 3.0005."""
        answer = trial([discount(percent="15")], [line("10.00"), line("20.01")])
        assert (answer["discount"], off(answer)) == ("4.50", ["1.50", "3.00"])

    def test_an_amount_never_takes_more_than_was_paid(self):
        answer = trial([discount(amount="12.00", where=in_category("a"))], [line("5.00", 2, "a"), line("9.00")])
        assert (answer["discount"], off(answer)) == ("10.00", ["10.00", "0.00"])

    def test_an_amount_off_each_unit(self):
        answer = trial([discount(amount="1.50", per="unit")], [line("5.00", 2), line("1.00")])
        assert off(answer) == ["3.00", "1.00"]

    def test_a_fixed_price_of_each_unit(self):
        answer = trial([discount(price="3.00")], [line("5.00", 2), line("2.00")])
        assert off(answer) == ["4.00", "0.00"]

    def test_the_cheapest_unit(self):
        lines = [line("5.00", 2), line("3.00"), line("3.00")]
        assert off(trial([discount(percent="100", select="cheapest")], lines)) == ["0.00", "3.00", "0.00"]
        assert off(trial([discount(percent="50", select="dearest")], lines)) == ["2.50", "0.00", "0.00"]
        assert off(trial([discount(percent="100", select="cheapest", get=3)], lines)) == ["5.00", "3.00", "3.00"]

    def test_of_every_three_the_cheapest(self):
        """7 units: 2 free, the cheapest of all."""
        lines = [line("9.00", 3), line("4.00", 4)]
        answer = trial([discount(percent="100", group=3, get=1)], lines)
        assert off(answer) == ["0.00", "8.00"]

    def test_several_discounts_never_make_a_line_cheaper_than_free(self):
        rules = [discount("A", percent="80"), discount("B", percent="50")]
        answer = trial(rules, [line("10.00")])
        assert (answer["discount"], answer["by_rule"]["B"]["discount"]) == ("10.00", "2.00")


class TestBuyGet:
    def offer(self, **fields):
        return discount(percent="100", buy_where=in_category("x"), where=in_category("y"), **fields)

    def test_each_trigger_reduces_the_cheapest(self):
        """5 of X are 2 triggers of 2; 2 of the 3 Y, the cheapest."""
        lines = [line("10.00", 5, "x"), line("6.00", 2, "y"), line("4.00", 1, "y")]
        answer = trial([self.offer(group=2, get=1)], lines)
        assert off(answer) == ["0.00", "6.00", "4.00"]

    @pytest.mark.parametrize(("count", "free"), [(1, "0.00"), (2, "0.00"), (3, "5.00"), (5, "5.00"), (6, "10.00")])
    def test_a_unit_serves_once_when_both_are_the_same(self, count, free):
        offer = discount(percent="100", buy_where=in_category("x"), where=in_category("x"), group=2, get=1)
        assert trial([offer], [line("5.00", count, "x")])["discount"] == free

    def test_the_cheapest_are_reserved_first(self):
        lines = [line("5.00", 1, "x"), line("3.00", 1, "x", "y"), line("8.00", 1, "x")]
        offer = discount(percent="100", buy_where=in_category("x"), where=in_category("x"), group=2, get=1)
        assert off(trial([offer], lines)) == ["0.00", "3.00", "0.00"]


class TestNthFree:
    def test_in_one_basket_the_cheapest_are_free(self):
        nth = rule("N", {"effect": "nth_free", "n": 3, "where": in_category("c")})
        answer = trial([nth], [line("10.00", 2, "c"), line("8.00", 4, "c"), line("1.00", 9)])
        assert off(answer) == ["0.00", "16.00", "0.00"]

    def test_over_visits_the_unit_whose_number_divides(self):
        """2 bought before: numbers 3 to 8; 3 and 6 are free."""
        position = {"measure": "units", "where": in_category("c"), "window": {"since": "2026-12-01"}}
        nth = rule("N", {"effect": "nth_free", "n": 3, "where": in_category("c"), "position": position})
        history = [{"at": "2026-12-01T10:00:00+01:00", "lines": [line("10.00", 2, "c")]}]
        answer = trial([nth], [line("10.00", 2, "c"), line("8.00", 4, "c")], history=history)
        assert off(answer) == ["10.00", "8.00"]

    def test_a_unit_costs_its_share_in_cents(self):
        """10.00 for 3 units: 3.34, 3.33, 3.33; the cheapest is the second."""
        nth = rule("N", {"effect": "nth_free", "n": 3})
        assert trial([nth], [{"amount": "10.00", "qty": 3}])["discount"] == "3.33"


class TestBundle:
    def test_as_many_bundles_as_the_basket_holds(self):
        parts = [{"where": in_category("a")}, {"where": in_category("b"), "units": 2}]
        bundle = rule("B", {"effect": "bundle", "parts": parts, "price": "20.00"})
        lines = [line("15.00", 2, "a"), line("5.00", 5, "b")]
        answer = trial([bundle], lines)
        assert (answer["discount"], off(answer)) == ("10.00", ["6.00", "4.00"])
        assert trial([bundle], lines[:1])["discount"] == "0.00"

    def test_free_delivery_is_an_effect(self):
        answer = trial([rule("F", {"effect": "free_delivery"})], [line("1.00")])
        assert answer["by_rule"]["F"]["effects"][0]["effect"] == "free_delivery"


class TestOrder:
    """C23."""

    def test_points_rules_see_lowered_amounts(self):
        rules = [
            base(),
            discount(percent="50"),
            rule("M", earn(fixed("5")), when=compare_to("txn.amount", "gte", "60")),
        ]
        answer = trial(rules, [line("100.00")])
        assert (of_rule(answer, "BASE"), answer["not_applied"]) == ("5", {"M": "when_false"})

    def test_a_setting_lets_points_rules_see_amounts_before(self):
        program = {"earn_on": "before_loyalty_discounts"}
        assert points(trial([base(), discount(percent="50")], [line("100.00")], program=program)) == "10"

    def test_an_exclusive_discount_drops_discounts_and_no_points_rule(self):
        rules = [
            base(),
            rule("A", {"effect": "discount", "percent": "10"}, exclusive=True),
            discount("B", percent="50"),
            rule("P", earn(fixed("5"))),
        ]
        answer = trial(rules, [line("100.00")])
        assert (points(answer), answer["discount"]) == ("14", "10.00")
        assert answer["not_applied"] == {"B": "exclusive:A"}

    def test_the_best_discount_of_a_group(self):
        rules = [
            rule("A", {"effect": "discount", "percent": "10"}, group="g"),
            rule("B", {"effect": "discount", "amount": "12.00"}, group="g"),
        ]
        answer = trial(rules, [line("100.00")], program={"groups": {"g": "best"}})
        assert (answer["discount"], answer["not_applied"]) == ("12.00", {"A": "best_of:B"})

    def test_a_rule_may_give_a_discount_and_points(self):
        both = rule("R", {"effect": "discount", "percent": "50"}, earn(rate("1", "10.00")))
        answer = trial([both], [line("100.00")])
        assert (answer["discount"], points(answer)) == ("50.00", "5")


class TestPaidWithPoints:
    """C24."""

    def test_the_part_paid_with_points_is_spread_and_left_out(self):
        """10.00 over 30.00 and 10.00: 7.50 and 2.50; a has 22.50 left."""
        formula = rate("1", "0.01", basis="without_points")
        answer = trial(
            [base(formula, where=in_category("a"))],
            [line("30.00", 1, "a"), line("10.00")],
            purchase={"paid_with_points": "10.00"},
        )
        assert points(answer) == "2250"

    def test_it_stays_with_its_units_on_a_return(self):
        """4 units of 10.00, 8.00 with points: 32.00 earn; 3 units keep 24.00."""
        formula = rate("1", "1.00", basis="without_points")
        answer = trial([base(formula)], [line("10.00", 4)], purchase={"paid_with_points": "8.00"}, returns=[[[0, 1]]])
        assert (points(answer), answer["reversed"]["POINTS"]) == ("32", "8")
