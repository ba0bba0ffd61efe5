import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from loyalty.demo.journey import baskets, calendar, returns
from tests.demo import oracle
from tests.demo.oracle import BASE, BASKET, BRAND, DEMO, MORNING, NEW_YORK, PRODUCE, Line, Purchase, Return, award

pytestmark = pytest.mark.pure

TODAY = date(2026, 3, 4)
SILVER, GOLD = "TIER:STATUS:SILVER", "TIER:STATUS:GOLD"
# A Thursday afternoon: no happy morning.
THURSDAY = datetime(2026, 2, 12, 15, tzinfo=NEW_YORK)


def bought(*lines: Line, at: datetime = THURSDAY, basket_id: int = 1) -> Purchase:
    return Purchase(basket_id, 7, at, lines)


def brought(basket_id: int, at: datetime, **pieces: int) -> Return:
    """`line_2=1`: one piece of line 2."""
    return Return(basket_id, 7, at, {int(name.removeprefix("line_")): count for name, count in pieces.items()})


def cents(*paid: int) -> list[Line]:
    return [Line(number, amount) for number, amount in enumerate(paid, start=1)]


def one(purchases, brought_back=(), rules=DEMO) -> oracle.Result:
    return award(purchases, brought_back, rules)[7]


def granted(result: oracle.Result) -> dict[str, int]:
    return {rule: points for rule, points in result.points.items() if points}


class TestRules:
    def test_base_is_a_point_for_every_full_dollar_of_the_whole_basket(self):
        result = one([bought(*cents(499, 100, 766, 70, 379, 188, 250, 299))])
        assert granted(result) == {BASE: 25}
        assert (result.status, result.purchases, result.paid) == (25, 1, 2551)

    def test_a_basket_of_free_lines_counts_as_a_purchase_without_points(self):
        result = one([bought(*cents(0, 0))])
        assert (granted(result), result.purchases) == ({}, 1)

    def test_produce_earns_the_base_points_of_its_lines_once_more(self):
        # 3 points over 150 and 150 cents: 1.5 each, the odd one to the lower line.
        assert granted(one([bought(Line(1, 150), Line(2, 150, is_produce=True))])) == {BASE: 3, PRODUCE: 1}
        assert granted(one([bought(Line(1, 150, is_produce=True), Line(2, 150))])) == {BASE: 3, PRODUCE: 2}

    def test_points_are_spread_by_the_largest_remainder(self):
        assert oracle.spread(5, [180, 190, 190, 20]) == [1, 2, 2, 0]
        assert oracle.spread(2, [180, 20]) == [2, 0]
        assert oracle.spread(7, [100, 100, 100]) == [3, 2, 2]
        assert oracle.spread(0, [0, 0]) == [0, 0]

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            (datetime(2026, 2, 10, 7, 0, 0), 12),  # Tuesday
            (datetime(2026, 2, 10, 6, 59, 59), 0),
            (datetime(2026, 2, 11, 9, 59, 59), 12),  # Wednesday
            (datetime(2026, 2, 11, 10, 0, 0), 0),
            (datetime(2026, 2, 9, 8, 0, 0), 0),
            (datetime(2026, 2, 12, 8, 0, 0), 0),
        ],
    )
    def test_a_happy_morning_adds_half_of_the_base_rounded_down(self, at, expected):
        assert one([bought(*cents(2551), at=at.replace(tzinfo=NEW_YORK))]).points[MORNING] == expected

    def test_fifty_dollars_earn_25_points_four_times_a_month(self):
        assert one([bought(*cents(4999))]).points[BASKET] == 0
        assert one([bought(*cents(2500, 2500))]).points[BASKET] == 25
        days = [datetime(2026, 1, day, 12, tzinfo=NEW_YORK) for day in (27, 28, 29, 30, 31)]
        january = [bought(*cents(5000), at=at, basket_id=number) for number, at in enumerate(days)]
        assert one(january).points[BASKET] == 100
        february = bought(*cents(5000), at=datetime(2026, 2, 1, tzinfo=NEW_YORK), basket_id=9)
        assert one([*january, february]).points[BASKET] == 125

    def test_the_brand_earns_2_points_for_every_5_dollars_up_to_100_a_month(self):
        assert one([bought(Line(1, 749, is_brand=True), Line(2, 900), Line(3, 500, is_brand=True))]).points[BRAND] == 4
        first = bought(Line(1, 24000, is_brand=True), basket_id=1)  # 96
        second = bought(Line(1, 2500, is_brand=True), at=THURSDAY + timedelta(days=1), basket_id=2)  # 4 of 10
        third = bought(Line(1, 2500, is_brand=True), at=THURSDAY + timedelta(days=2), basket_id=3)  # 0
        march = bought(Line(1, 2500, is_brand=True), at=THURSDAY + timedelta(days=20), basket_id=4)
        assert [one(taken).points[BRAND] for taken in ([first], [first, second], [first, second, third])] == [
            96,
            100,
            100,
        ]
        assert one([first, second, third, march]).points[BRAND] == 110


class TestTiers:
    def test_the_tier_before_the_purchase_counts(self):
        purchases = [
            bought(*cents(30000), basket_id=1),  # 300: silver from now on
            bought(*cents(1999), at=THURSDAY + timedelta(days=1), basket_id=2),  # 19: silver adds 1
            bought(*cents(58100), at=THURSDAY + timedelta(days=2), basket_id=3),  # 581: silver adds 58, gold at 900
            bought(*cents(999), at=THURSDAY + timedelta(days=3), basket_id=4),  # 9: gold adds 2
        ]
        result = one(purchases)
        assert (result.points[BASE], result.points[SILVER], result.points[GOLD]) == (909, 59, 2)
        assert (result.tier, result.status) == ("GOLD", 909)

    def test_one_point_less_is_not_enough(self):
        assert one([bought(*cents(29999))]).tier == ""
        assert one([bought(*cents(89999))]).tier == "SILVER"
        assert one([bought(*cents(90000))]).tier == "GOLD"

    @pytest.mark.parametrize(("second", "tier"), [(date(2026, 2, 27), "SILVER"), (date(2026, 2, 28), "")])
    def test_only_the_last_three_months_count(self, second, tier):
        # Three months before 28 February is 28 November, which is just out.
        noon = datetime(2025, 11, 28, 12, tzinfo=NEW_YORK)
        later = datetime.combine(second, noon.timetz())
        assert one([bought(*cents(20000), at=noon), bought(*cents(10000), at=later, basket_id=2)]).tier == tier

    def test_a_tier_is_kept_when_its_points_leave_the_window(self):
        start = datetime(2025, 9, 1, 12, tzinfo=NEW_YORK)
        purchases = [
            bought(*cents(30000), at=start),
            bought(*cents(2000), at=start + timedelta(days=120), basket_id=2),
        ]
        result = one(purchases)
        assert (result.tier, result.points[SILVER]) == ("SILVER", 2)

    def test_a_tier_falls_when_a_return_shows_that_it_was_not_reached(self):
        start = datetime(2025, 9, 1, 12, tzinfo=NEW_YORK)
        purchases = [
            bought(*cents(30000), at=start),
            bought(*cents(2000), at=start + timedelta(days=1), basket_id=2),  # silver: 2
            bought(*cents(2000), at=start + timedelta(days=9), basket_id=3),  # after the return: nothing
        ]
        result = one(purchases, [brought(1, start + timedelta(days=3), line_1=1)])
        assert (result.tier, result.points[SILVER]) == ("", 2)

    def test_gold_does_not_become_silver_when_less_is_left_in_the_window(self):
        start = datetime(2025, 9, 1, 12, tzinfo=NEW_YORK)
        purchases = [
            bought(*cents(90000), at=start),
            bought(*cents(40000), at=start + timedelta(days=120), basket_id=2),  # gold: 100
            bought(*cents(400), at=start + timedelta(days=121), basket_id=3),  # 400 in the window, still gold: 1
        ]
        result = one(purchases)
        assert (result.tier, result.points[GOLD], result.points[SILVER]) == ("GOLD", 101, 0)

    def test_what_came_back_does_not_count_towards_a_rise(self):
        purchases = [
            bought(*cents(20000, 5000)),
            bought(*cents(10000), at=THURSDAY + timedelta(days=9), basket_id=2),
        ]
        back = [brought(1, THURSDAY + timedelta(days=5), line_2=1)]
        assert one(purchases, back).tier == "SILVER"  # 200 + 100
        assert one(purchases, [brought(1, THURSDAY + timedelta(days=5), line_1=1)]).tier == ""  # 50 + 100
        gross = replace(DEMO, is_status_net_of_returns=False)
        assert one(purchases, [brought(1, THURSDAY + timedelta(days=5), line_1=1)], gross).tier == "SILVER"


class TestReturns:
    def test_a_full_return_takes_everything_back(self):
        morning = datetime(2026, 2, 10, 8, tzinfo=NEW_YORK)
        purchase = bought(Line(1, 4000, is_produce=True), Line(2, 1500, pieces=3, is_brand=True), at=morning)
        result = one([purchase], [brought(1, morning + timedelta(days=2), line_1=1, line_2=3)])
        assert granted(result) == {BASE: 55, PRODUCE: 40, MORNING: 27, BASKET: 25, BRAND: 6}
        assert result.reversed == result.points
        assert (result.balance, result.status_reversed, result.returns) == (0, 55, 1)

    def test_pieces_share_the_cents_and_the_last_ones_come_back(self):
        line = Line(1, 100, pieces=3)  # 34, 33, 33
        assert [oracle.kept(line, returned) for returned in range(4)] == [100, 67, 34, 0]
        first_ones = replace(DEMO, are_last_units_returned=False)
        assert [oracle.kept(line, returned, first_ones) for returned in range(4)] == [100, 66, 33, 0]

    def test_parts_brought_back_one_after_the_other_add_up(self):
        purchase = bought(Line(1, 1000, pieces=4), Line(2, 150))
        back = [brought(1, THURSDAY + timedelta(days=days), line_1=1) for days in (1, 2)]
        assert one([purchase], back[:1]).reversed[BASE] == 2  # 11.50 to 9.00
        assert one([purchase], back).reversed[BASE] == 5  # 11.50 to 6.50

    def test_no_return_adds_points(self):
        # Without lines 2 and 3 the two points left both fall to the produce of line 1, which had one.
        purchase = bought(Line(1, 180, is_produce=True), Line(2, 190), Line(3, 190), Line(4, 20))
        result = one([purchase], [brought(1, THURSDAY + timedelta(days=1), line_2=1, line_3=1)])
        assert granted(result) == {BASE: 5, PRODUCE: 1}
        assert {rule: points for rule, points in result.reversed.items() if points} == {BASE: 3}
        rest = brought(1, THURSDAY + timedelta(days=2), line_1=1, line_4=1)
        assert one([purchase], [brought(1, THURSDAY + timedelta(days=1), line_2=1, line_3=1), rest]).balance == 0

    def test_the_purchase_is_judged_again_with_its_own_tier(self):
        purchases = [
            bought(*cents(30000)),
            bought(*cents(10000, 5000), at=THURSDAY + timedelta(days=1), basket_id=2),  # silver: 15
            bought(*cents(50000), at=THURSDAY + timedelta(days=2), basket_id=3),  # gold from now on
        ]
        result = one(purchases, [brought(2, THURSDAY + timedelta(days=3), line_2=1)])
        assert (result.reversed[BASE], result.reversed[SILVER], result.reversed[GOLD]) == (50, 5, 0)

    def test_a_large_basket_brought_back_frees_its_turn_in_the_month(self):
        days = [datetime(2026, 1, day, 12, tzinfo=NEW_YORK) for day in (5, 6, 7, 8, 20)]
        purchases = [bought(*cents(5000), at=at, basket_id=number) for number, at in enumerate(days)]
        before, after = datetime(2026, 1, 10, tzinfo=NEW_YORK), datetime(2026, 1, 25, tzinfo=NEW_YORK)
        freed = one(purchases, [brought(0, before, line_1=1)])
        assert (freed.points[BASKET], freed.reversed[BASKET]) == (125, 25)
        late = one(purchases, [brought(0, after, line_1=1)])
        assert (late.points[BASKET], late.reversed[BASKET]) == (100, 25)

    def test_a_basket_that_stays_large_keeps_its_points_though_the_month_is_used_up(self):
        days = [datetime(2026, 1, day, 12, tzinfo=NEW_YORK) for day in (5, 6, 7, 8)]
        purchases = [bought(*cents(5000, 500), at=at, basket_id=number) for number, at in enumerate(days)]
        result = one(purchases, [brought(3, datetime(2026, 1, 10, tzinfo=NEW_YORK), line_2=1)])
        assert (result.points[BASKET], result.reversed[BASKET], result.reversed[BASE]) == (100, 0, 5)

    def test_brand_points_brought_back_are_free_again_in_their_month(self):
        first = bought(Line(1, 25000, is_brand=True))  # 100
        second = bought(Line(1, 2500, is_brand=True), at=THURSDAY + timedelta(days=9), basket_id=2)
        assert one([first, second]).points[BRAND] == 100
        result = one([first, second], [brought(1, THURSDAY + timedelta(days=3), line_1=1)])
        assert (result.points[BRAND], result.reversed[BRAND]) == (110, 100)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 5, 31), date(2026, 2, 28)),
        (date(2024, 5, 31), date(2024, 2, 29)),
        (date(2026, 3, 15), date(2025, 12, 15)),
        (date(2026, 1, 1), date(2025, 10, 1)),
    ],
)
def test_three_months_before_keeps_the_day_or_takes_the_last(day, expected):
    assert oracle.months_before(day, 3) == expected


@pytest.fixture(scope="module")
def quarter():
    """The results of the last three months."""
    return oracle.compute(TODAY, *calendar.last_months(TODAY, 3))


@pytest.mark.proof
@pytest.mark.long
class TestData:
    def test_it_reads_the_receipts_that_the_demo_reads(self):
        # Three weeks with the night in which the clocks skip an hour.
        today, first, last = date(2027, 2, 8), date(2026, 2, 23), date(2026, 3, 15)
        purchases, brought_back = oracle.read(today, first, last)
        demo = list(baskets.read_baskets(today, first, last))
        assert {p.basket_id: (p.household_id, p.at.timestamp(), p.at.hour) for p in purchases} == {
            b.basket_id: (b.household_id, b.at.timestamp(), b.at.hour) for b in demo
        }
        assert {(p.basket_id, line.number): line.paid for p in purchases for line in p.lines} == {
            (b.basket_id, line.line_number): line.amount for b in demo for line in b.lines
        }
        whole = {(b.basket_id, line.line_number) for b in demo for line in b.lines if line.unit == baskets.GALLON}
        assert {
            (made.basket_id, made.at, number): 1 if (made.basket_id, number) in whole else qty
            for made in returns.returns_within(demo, last)
            for number, qty in made.lines
        } == {(r.basket_id, r.at, number): pieces for r in brought_back for number, pieces in r.pieces.items()}

    def test_three_months_are_pinned(self, quarter):
        results = quarter
        points: Counter[str] = Counter()
        reversed_: Counter[str] = Counter()
        for result in results.values():
            points.update(result.points)
            reversed_.update(result.reversed)
        assert points == {
            BASE: 1147203,
            PRODUCE: 75231,
            MORNING: 7770,
            BASKET: 158375,
            BRAND: 96842,
            SILVER: 35353,
            GOLD: 46271,
        }
        assert reversed_ == {
            BASE: 19439,
            PRODUCE: 1350,
            MORNING: 114,
            BASKET: 3225,
            BRAND: 1896,
            SILVER: 639,
            GOLD: 687,
        }
        assert Counter(result.tier for result in results.values()) == {"": 1144, "SILVER": 799, "GOLD": 382}
        assert sum(result.purchases for result in results.values()) == 38041
        assert sum(result.returns for result in results.values()) == 6413
        assert sum(result.paid for result in results.values()) == 116594234

    def test_nothing_is_taken_back_that_was_not_granted(self, quarter):
        results = quarter
        assert all(result.reversed <= result.points for result in results.values())
        assert all(result.status == result.points[BASE] for result in results.values())
        assert all(result.status_reversed == result.reversed[BASE] for result in results.values())

    def test_some_households_alone_have_the_same_results(self, quarter):
        results = quarter
        first, last = calendar.last_months(TODAY, 3)
        some = [1, 208, 718, 1703, 2488]
        assert oracle.compute(TODAY, first, last, some) == {number: results[number] for number in some}


def test_it_stands_apart_from_the_product():
    program = (
        "import sys; from tests.demo import oracle;"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'django', 'programs', 'members', 'rewards', 'partners', 'reports'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
