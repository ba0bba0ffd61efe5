"""Money, steps, rounding and spreading: C01 to C04, C06, C16."""

from decimal import Decimal
from fractions import Fraction

import pytest

from programs.rules import Line, explode, largest_remainder, spread_basket_discount
from programs.rules.money import kept_line, round_number
from tests.programs.rules.builders import base, compare_to, earn, fixed, in_category, line, points, rate, rule, trial

pytestmark = pytest.mark.pure


class TestLargestRemainder:
    def test_gives_the_units_left_to_the_largest_remainders(self):
        assert largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
        assert largest_remainder(10, [55, 30, 15]) == [6, 3, 1]
        assert largest_remainder(7, [2, 3, 5]) == [1, 2, 4]

    def test_equal_remainders_go_to_the_lower_line(self):
        assert largest_remainder(1, [5, 5]) == [1, 0]
        assert largest_remainder(3, [1, 1]) == [2, 1]

    def test_spreads_evenly_without_weights_and_nothing_over_nothing(self):
        assert largest_remainder(5, [0, 0, 0]) == [2, 2, 1]
        assert largest_remainder(0, []) == []

    def test_exact_fractions_are_weights_too(self):
        assert largest_remainder(10, [Fraction(1, 3), Fraction(2, 3)]) == [3, 7]


class TestRounding:
    @pytest.mark.parametrize(
        ("value", "down", "half_up", "up"),
        [(Fraction(5, 2), 2, 3, 3), (Fraction(9, 4), 2, 2, 3), (Fraction(11, 4), 2, 3, 3), (7, 7, 7, 7)],
    )
    def test_modes(self, value, down, half_up, up):
        assert [round_number(value, mode) for mode in ("down", "half_up", "up")] == [down, half_up, up]


class TestAmounts:
    def test_the_amount_is_what_was_paid_for_all_lines(self):
        """C01: 2 x 25.50 - 1.00 = 50.00; 50.00 + 9.99 = 59.99."""
        answer = trial([base(rate(per="0.01"))], [line("25.50", 2, discount="1.00"), line("9.99")])
        assert points(answer) == "5999"

    def test_a_final_amount_replaces_the_unit_price(self):
        assert points(trial([base(rate(per="0.01"))], [{"amount": "12.34", "qty": 3}])) == "1234"

    def test_a_basket_discount_is_spread_before_any_rule(self):
        """C02: 10.00 over 50.00, 30.00, 15.00 = 5.26, 3.16, 1.58."""
        lines = tuple(Line(str(n), n, paid=paid, list_amount=paid) for n, paid in enumerate((5000, 3000, 1500), 1))
        assert [one.paid for one in spread_basket_discount(lines, 1000)] == [4474, 2684, 1342]
        first = rule("A", earn(rate(per="0.01"), where=in_category("a")))
        answer = trial(
            [first],
            [line("50.00", 1, "a"), line("30.00"), line("15.00")],
            purchase={"basket_discount": "10.00"},
        )
        assert points(answer) == "4474"

    def test_a_currency_without_cents_has_whole_units(self):
        answer = trial([base(rate("1", "100"))], [line("250", 3)], program={"currency": "JPY"})
        assert points(answer) == "7"


class TestSteps:
    def test_the_floor_is_taken_once_over_all_lines(self):
        """C03: 9.00 + 9.00 + 9.00 = 27.00, 2 full tens."""
        assert points(trial([base(rate("3"))], [line("9.00"), line("9.00"), line("9.00")])) == "6"

    def test_the_floor_is_taken_per_line_when_the_words_say_so(self):
        lines = [line("19.00"), line("9.00"), line("25.00")]
        assert points(trial([base(rate("3", per_line=True))], lines)) == "9"

    def test_proportional_points_are_rounded_once(self):
        """C04: 27.99 / 10.00 x 1 = 2.799."""
        lines = [line("9.33"), line("9.33"), line("9.33")]
        formula = rate(step="proportional")
        assert points(trial([base(formula)], lines)) == "2"
        assert points(trial([base(formula)], lines, program={"rounding": "half_up"})) == "3"
        assert points(trial([base(formula, round="up")], lines)) == "3"

    def test_proportional_points_per_line_are_rounded_per_line(self):
        """0.933 x 3 lines: 0 down, 1 each half up."""
        lines = [line("9.33"), line("9.33"), line("9.33")]
        formula = rate(step="proportional", per_line=True)
        assert points(trial([base(formula)], lines)) == "0"
        assert points(trial([base(formula, round="half_up")], lines)) == "3"

    def test_decimals_of_the_point_type_keep_what_they_can(self):
        program = {"point_types": [{"code": "POINTS", "decimals": 2}]}
        formula = rate(step="proportional")
        assert points(trial([base(formula)], [line("27.999")], program=program)) == "2.80"
        assert points(trial([base(formula)], [line("27.99")], program=program)) == "2.79"
        assert points(trial([base(formula, decimals=1)], [line("27.99")], program=program)) == "2.70"

    def test_a_fixed_bonus_for_every_n_units_and_every_amount(self):
        lines = [line("4.00", 5, "a"), line("3.00", 2, "a"), line("1.00", 9)]
        units = rule("U", earn(fixed("10", for_every={"units": 3}), where=in_category("a")))
        amount = rule("M", earn(fixed("10", for_every={"amount": "12.00"}), where=in_category("a")))
        assert points(trial([units], lines)) == "20"
        assert points(trial([amount], lines)) == "20"

    def test_a_fixed_bonus_with_a_filter_needs_a_matching_line(self):
        bonus = rule("F", earn(fixed("10"), where=in_category("a")))
        assert points(trial([bonus], [line("5.00", 1, "a")])) == "10"
        assert points(trial([bonus], [line("5.00", 1, "b")])) == "0"

    def test_points_per_unit_count_whole_pieces(self):
        lines = [line("4.00", 3), line("12.00", "0.350", unit="kg")]
        assert points(trial([rule("U", earn({"kind": "per_unit", "points": "5"}))], lines)) == "20"

    @pytest.mark.parametrize(
        ("basis", "expected"), [("paid", "9000"), ("list", "12300"), ("ex_tax", "7317"), ("without_points", "7000")]
    )
    def test_a_basis_chooses_the_amount(self, basis, expected):
        """90.00 paid with 23% tax = 73.17 without tax, half up; 20.00 of it paid with points."""
        answer = trial(
            [base(rate(per="0.01", basis=basis))],
            [line("123.00", 1, discount="33.00", tax_rate="23")],
            purchase={"paid_with_points": "20.00"},
        )
        assert points(answer) == expected

    def test_an_expression_gives_points_rounded_once(self):
        value = {"op": "mul", "of": ["0.5", {"op": "attr", "attr": "txn.amount"}]}
        formula = {"kind": "expression", "value": value}
        assert points(trial([rule("X", earn(formula))], [line("15.30")])) == "7"

    def test_an_expression_over_a_missing_value_gives_nothing(self):
        formula = {"kind": "expression", "value": {"op": "attr", "attr": "member.shoe_size"}}
        answer = trial([rule("X", earn(formula)), base()], [line("15.30")])
        assert answer["by_rule"].keys() == {"BASE"}


class TestTables:
    ROWS = [
        {"from": "0", "points": "1", "per": "10.00"},
        {"from": "100.00", "points": "2", "per": "10.00"},
        {"from": "200.00", "points": "3", "per": "10.00"},
    ]

    @pytest.mark.parametrize(("price", "expected"), [("99.99", "9"), ("100.00", "20"), ("250.00", "75")])
    def test_a_bracket_rates_the_whole_basis(self, price, expected):
        formula = {"kind": "table", "mode": "bracket", "rows": self.ROWS}
        assert points(trial([base(formula)], [line(price)])) == expected

    @pytest.mark.parametrize(("price", "expected"), [("100.00", "10"), ("150.00", "20"), ("250.00", "45")])
    def test_marginal_rows_rate_their_part(self, price, expected):
        formula = {"kind": "table", "mode": "marginal", "rows": self.ROWS}
        assert points(trial([base(formula)], [line(price)])) == expected

    def test_a_position_starts_marginal_rows_at_the_history(self):
        """80.00 this month before: 20.00 at 1 and 50.00 at 2 per ten = 2 + 10."""
        formula = {
            "kind": "table",
            "mode": "marginal",
            "rows": self.ROWS,
            "position": {"measure": "amount", "window": {"this": "month"}},
        }
        history = [
            {"at": "2026-12-01T10:00:00+01:00", "lines": [line("80.00")]},
            {"at": "2026-11-30T10:00:00+01:00", "lines": [line("500.00")]},
        ]
        assert points(trial([base(formula)], [line("70.00")], history=history)) == "12"

    def test_a_row_without_per_gives_its_points_when_it_is_reached(self):
        rows = [{"from": "0", "points": "0"}, {"from": "100.00", "points": "50"}, {"from": "200.00", "points": "80"}]
        position = {"measure": "amount", "window": {"this": "month"}}
        history = [{"at": "2026-12-01T10:00:00+01:00", "lines": [line("90.00")]}]
        marginal = {"kind": "table", "mode": "marginal", "rows": rows, "position": position}
        assert points(trial([base(marginal)], [line("120.00")], history=history)) == "130"
        assert points(trial([base(marginal)], [line("9.99")], history=history)) == "0"
        bracket = {"kind": "table", "mode": "bracket", "rows": rows}
        assert points(trial([base(bracket)], [line("120.00")])) == "50"


class TestUnits:
    def test_a_line_of_pieces_is_that_many_units_in_cents(self):
        units = explode(Line("1", 1, qty=Decimal(3), paid=1000), 0)
        assert [unit.paid for unit in units] == [334, 333, 333]

    def test_any_other_line_is_one_unit(self):
        assert len(explode(Line("1", 1, qty=Decimal("2.5"), paid=1000), 0)) == 1
        assert len(explode(Line("1", 1, qty=Decimal(2), unit="kg", paid=1000), 0)) == 1

    def test_units_of_lines_are_counted_by_conditions(self):
        enough = {"op": "lines", "measure": "units", "cmp": "gte", "value": 4}
        bonus = rule("U", earn(fixed("1")), when=enough)
        assert points(trial([bonus], [line("1.00", 3), line("1.00", "0.5", unit="kg")])) == "1"
        assert trial([bonus], [line("1.00", 3)])["not_applied"] == {"U": "when_false"}

    def test_a_returned_unit_takes_its_share_of_the_discount_half_up(self):
        """C13: discount 1.00 over 3 units, 2 kept: 0.67."""
        kept = kept_line(Line("1", 1, qty=Decimal(3), paid=2900, list_amount=3000), Decimal(1))
        assert kept is not None
        assert (kept.qty, kept.list_amount, kept.paid) == (2, 2000, 1933)
        assert kept_line(kept, Decimal(2)) is None

    def test_money_in_conditions_is_compared_exactly(self):
        bonus = rule("X", earn(fixed("1")), when=compare_to("txn.amount", "gte", "0.30"))
        assert points(trial([bonus], [line("0.10", 3)])) == "1"
        assert points(trial([bonus], [line("0.29")])) == "0"
