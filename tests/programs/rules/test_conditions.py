"""Three-valued logic, comparisons, line conditions: C14, C15."""

from decimal import Decimal

import pytest

from tests.programs.rules.builders import compare_to, earn, fixed, in_category, line, points, rule, trial

pytestmark = pytest.mark.pure

YES = {"op": "true"}
NO = {"op": "not", "of": [YES]}
UNKNOWN = compare_to("member.nothing", "eq", "x")
LINES = [line("10.00", 2, "a", "top", sku="A1", brand="Acme"), line("5.00", 1, "b", sku="B1")]


def judge(condition, **fields):
    """True, False or None, as the trial tells."""
    answer = trial([rule("R", earn(fixed("1")), when=condition)], fields.pop("lines", LINES), **fields)
    if points(answer) == "1":
        return True
    return {"when_false": False, "unknown_attribute": None}[answer["not_applied"]["R"]]


class TestKleene:
    @pytest.mark.parametrize(
        ("op", "parts", "expected"),
        [
            ("all", [YES, UNKNOWN], None),
            ("all", [NO, UNKNOWN], False),
            ("all", [UNKNOWN, NO], False),
            ("any", [NO, UNKNOWN], None),
            ("any", [UNKNOWN, YES], True),
            ("any", [NO, NO], False),
            ("none", [NO, UNKNOWN], None),
            ("none", [YES, UNKNOWN], False),
            ("none", [NO, NO], True),
            ("not", [UNKNOWN], None),
            ("not", [NO], True),
        ],
    )
    def test_tables(self, op, parts, expected):
        assert judge({"op": op, "of": parts}) is expected

    @pytest.mark.parametrize(
        ("n", "parts", "expected"),
        [(2, [YES, YES, NO], True), (2, [YES, UNKNOWN, NO], None), (2, [NO, NO, UNKNOWN], False)],
    )
    def test_at_least(self, n, parts, expected):
        assert judge({"op": "at_least", "n": n, "of": parts}) is expected

    @pytest.mark.parametrize(
        ("cmp", "value"),
        [
            ("eq", "x"),
            ("ne", "x"),
            ("in", ["x"]),
            ("not_in", ["x"]),
            ("gt", 1),
            ("lt", 1),
            ("between", [1, 2]),
            ("overlaps", ["x"]),
            ("disjoint", ["x"]),
            ("contains_all", ["x"]),
            ("starts_with", "x"),
            ("within_km", {"lat": "52.2", "lon": "21.0", "km": "5"}),
        ],
    )
    def test_every_comparison_with_a_missing_value_is_unknown(self, cmp, value):
        assert judge(compare_to("member.nothing", cmp, value)) is None

    def test_missing_and_present_are_never_unknown(self):
        assert judge(compare_to("member.nothing", "is_missing")) is True
        assert judge(compare_to("member.nothing", "is_present")) is False
        assert judge(compare_to("member.city", "is_present"), member={"id": "m", "city": "Gdynia"}) is True


class TestComparisons:
    MEMBER = {
        "id": "m",
        "city": "Gdynia",
        "children": 2,
        "height": "1.80",
        "code": "007",
        "joined": "2025-05-01",
        "hobbies": ["ski", "chess"],
        "consent": {"email": True},
        "home": {"lat": "54.5189", "lon": "18.5305"},
        "balance": {"STATUS": "1200"},
    }

    @pytest.mark.parametrize(
        ("attr", "cmp", "value", "expected"),
        [
            ("member.city", "eq", "Gdynia", True),
            ("member.city", "ne", "Gdynia", False),
            ("member.city", "in", ["Sopot", "Gdynia"], True),
            ("member.city", "not_in", ["Sopot"], True),
            ("member.city", "starts_with", "Gdy", True),
            ("member.city", "starts_with", ["So", "Gd"], True),
            ("member.children", "eq", 2, True),
            ("member.children", "eq", "2", True),
            ("member.children", "gt", "1.5", True),
            ("member.children", "between", [2, 3], True),
            ("member.children", "between", [3, 4], False),
            ("member.height", "gte", "1.8", True),
            ("member.code", "eq", "7", False),
            ("member.code", "eq", "007", True),
            ("member.joined", "lt", "2026-01-01", True),
            ("member.joined", "gt", 5, None),
            ("member.hobbies", "overlaps", ["golf", "ski"], True),
            ("member.hobbies", "disjoint", ["golf"], True),
            ("member.hobbies", "contains_all", ["ski", "chess"], True),
            ("member.hobbies", "contains_all", ["ski", "golf"], False),
            ("member.consent.email", "eq", True, True),
            ("member.consent.email", "eq", 1, False),
            ("member.consent.sms", "eq", True, None),
            ("member.home", "within_km", {"lat": "54.3520", "lon": "18.6466", "km": "25"}, True),
            ("member.home", "within_km", {"lat": "54.3520", "lon": "18.6466", "km": "15"}, False),
            ("member.balance.STATUS", "gte", "1200", True),
            ("txn.amount", "eq", "25.00", True),
            ("txn.amount", "in", ["24.99", "25"], True),
            ("txn.units", "eq", 3, True),
            ("txn.weekday", "eq", 5, True),
            ("txn.cashier", "eq", "K7", True),
            ("txn.coupons", "overlaps", ["C1"], True),
        ],
    )
    def test_types(self, attr, cmp, value, expected):
        purchase = {"cashier": "K7", "coupons": ["C1"]}
        assert judge(compare_to(attr, cmp, value), member=self.MEMBER, purchase=purchase) is expected

    def test_a_tier_compares_by_its_rank(self):
        program = {"tiers": ["basic", "silver", "gold"]}
        member = {"id": "m", "tier": "silver"}
        at_least_silver = compare_to("member.tier", "gte", "silver")
        assert judge(at_least_silver, member=member, program=program) is True
        assert judge(compare_to("member.tier", "gte", "gold"), member=member, program=program) is False
        assert judge(compare_to("member.tier", "between", ["basic", "silver"]), member=member, program=program) is True
        assert judge(at_least_silver, member={"id": "m"}, program=program) is None
        assert judge(compare_to("member.tier", "eq", "silver"), member=member) is True

    def test_a_list_by_reference_is_its_values(self):
        condition = compare_to("txn.store", "in", {"list": "north"})
        fields = {"purchase": {"store": "S1"}, "lists": {"north": ["S1", "S2"]}}
        assert judge(condition, **fields) is True

    def test_segments(self):
        condition = {"op": "in_segment", "segment": "premium"}
        assert judge(condition, member={"id": "m", "segments": ["premium"]}) is True
        assert judge(condition) is False


class TestLines:
    @pytest.mark.parametrize(
        ("measure", "value"), [("lines", 1), ("units", 2), ("amount", "20.00"), ("distinct:sku", 1)]
    )
    def test_measures_over_matching_lines(self, measure, value):
        condition = {"op": "lines", "where": in_category("top"), "measure": measure, "cmp": "eq", "value": value}
        assert judge(condition) is True
        assert judge({**condition, "cmp": "gt"}) is False

    def test_without_a_filter_all_lines_are_measured(self):
        assert judge({"op": "lines", "measure": "distinct:sku", "cmp": "eq", "value": 2}) is True
        assert judge({"op": "lines", "measure": "distinct:categories", "cmp": "eq", "value": 3}) is True

    def test_an_unknown_line_does_not_match(self):
        """Only the first line has a brand."""
        where = compare_to("line.brand", "ne", "Other")
        assert judge({"op": "lines", "where": where, "measure": "lines", "cmp": "eq", "value": 1}) is True

    def test_no_line_matches(self):
        condition = {"op": "lines", "where": in_category("x"), "measure": "lines", "cmp": "eq", "value": 0}
        assert judge(condition) is True

    def test_every_line(self):
        assert judge({"op": "every_line", "where": in_category("a", "b")}) is True
        assert judge({"op": "every_line", "where": in_category("a")}) is False
        assert judge({"op": "every_line", "where": YES}, lines=[]) is False

    def test_a_filter_reads_fields_of_the_line(self):
        lines = [line("10.00", 2, discount="1.00", shelf="low"), line("3.00", "0.5", unit="kg")]
        for attr, value, expected in (
            ("line.shelf", "low", 1),
            ("line.unit", "kg", 1),
            ("line.unit_price", "10.00", 1),
            ("line.paid", "19.00", 1),
            ("line.qty", "0.5", 1),
            ("line.on_sale", True, 1),
        ):
            where = compare_to(attr, "eq", value)
            condition = {"op": "lines", "where": where, "measure": "lines", "cmp": "eq", "value": expected}
            assert judge(condition, lines=lines) is True, attr


class TestArithmetic:
    AMOUNT = {"op": "attr", "attr": "txn.amount"}

    @pytest.mark.parametrize(
        ("right", "expected"),
        [
            ("25.00", True),
            ({"op": "mul", "of": ["0.5", "50"]}, True),
            ({"op": "add", "of": ["20", "4", "1.00"]}, True),
            ({"op": "sub", "of": ["30", "5"]}, True),
            ({"op": "div", "of": ["75", "3"]}, True),
            ({"op": "min", "of": ["25", "26"]}, True),
            ({"op": "max", "of": ["25", "26"]}, False),
            ({"op": "div", "of": ["75", "0"]}, None),
            ({"op": "attr", "attr": "member.target"}, None),
        ],
    )
    def test_two_numbers(self, right, expected):
        assert judge({"op": "compare", "left": self.AMOUNT, "cmp": "eq", "right": right}) is expected

    def test_thirds_are_exact(self):
        third = {"op": "div", "of": ["1", "3"]}
        whole = {"op": "mul", "of": [third, "3"]}
        assert judge({"op": "compare", "left": whole, "cmp": "eq", "right": "1"}) is True
        assert Decimal(1) / 3 * 3 != 1


class TestPurchaseNumber:
    HISTORY = [
        {"at": "2026-11-01T10:00:00+01:00", "lines": [line("1.00")]},
        {"at": "2026-11-02T10:00:00+01:00", "lines": [line("1.00", 2, returned=2)]},
        {"at": "2026-11-03T10:00:00+01:00", "lines": [line("1.00", 2, returned=1)]},
        {"at": "2026-12-24T10:00:00+01:00", "lines": [line("1.00")]},
    ]

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ({"cmp": "eq", "value": 3}, True),
            ({"cmp": "eq", "value": 4}, False),
            ({"every": 3}, True),
            ({"every": 2}, False),
            ({"every": 3, "cmp": "gt", "value": 3}, False),
        ],
    )
    def test_counts_earlier_purchases_that_were_not_wholly_returned(self, condition, expected):
        assert judge({"op": "purchase_number", **condition}, history=self.HISTORY) is expected
