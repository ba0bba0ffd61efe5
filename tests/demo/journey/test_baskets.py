import time
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from loyalty.demo.journey import calendar
from loyalty.demo.journey.baskets import GALLON, PIECE, Line, fuel_products, measured, read_baskets

pytestmark = pytest.mark.pure


def test_a_receipt_is_read_to_the_cent():
    # The day after the year: nothing is moved.
    baskets = read_baskets(date(2018, 1, 1), date(2017, 12, 30), date(2017, 12, 30))
    receipt = next(basket for basket in baskets if basket.basket_id == 41479557436)

    assert (receipt.household_id, receipt.store_id) == (2488, 327)
    assert receipt.at.replace(tzinfo=None) == datetime(2017, 12, 30, 15, 38, 21)
    assert receipt.at.utcoffset() == timedelta(hours=-5)
    assert receipt.lines[0] == Line(1, 834962, Decimal(1), PIECE, 549, 50, 499)
    assert [line.amount for line in receipt.lines] == [499, 100, 766, 70, 379, 188, 250, 299]
    assert [line.line_number for line in receipt.lines] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert receipt.amount == 2551


def test_only_the_days_asked_for_are_read(last_week):
    assert {basket.at.date() for basket in last_week} == {date(2026, 2, 23) + timedelta(days=n) for n in range(7)} - {
        date(2026, 2, 23)  # the Monday on which the stores were closed for Christmas
    }
    assert len(last_week) == 2540


def test_baskets_come_in_time_order_with_lines_in_cents(last_week):
    keys = [(basket.at.timestamp(), basket.basket_id) for basket in last_week]
    assert keys == sorted(set(keys))
    for basket in last_week:
        assert [line.line_number for line in basket.lines] == list(range(1, len(basket.lines) + 1))
        for line in basket.lines:
            assert line.list_amount - line.discount == line.amount >= 0 <= line.discount
            assert line.qty > 0


def test_wall_time_and_day_of_the_week_are_those_of_the_data(last_week):
    as_bought = list(read_baskets(date(2018, 1, 1), date(2017, 12, 25), date(2017, 12, 31)))
    by = calendar.shift(date(2026, 3, 4))
    assert by.days % 7 == 0
    assert [(b.basket_id, b.at.replace(tzinfo=None) + by) for b in as_bought] == [
        (b.basket_id, b.at.replace(tzinfo=None)) for b in last_week
    ]


def test_the_hour_that_the_clocks_skip_falls_in_its_order():
    # 29 January 2017 falls onto 8 March 2026, when 02:00 to 03:00 does not exist in New York. A basket of its third
    # hour is then later than one of its fourth.
    today, sunday, bought_on = date(2027, 2, 8), date(2026, 3, 8), date(2017, 1, 29)
    moved = list(read_baskets(today, sunday, sunday))
    as_bought = {b.basket_id: b.at for b in read_baskets(date(2018, 1, 1), bought_on, bought_on)}

    skipped = [basket for basket in moved if as_bought[basket.basket_id].hour == 2]
    assert skipped
    assert {basket.at.hour for basket in skipped} == {3}
    assert 2 not in {basket.at.hour for basket in moved}
    instants = [basket.at.timestamp() for basket in moved]
    assert instants == sorted(instants)
    assert [basket.basket_id for basket in moved] != list(as_bought)
    assert {basket.basket_id for basket in moved} == set(as_bought)


@pytest.mark.parametrize(
    ("quantity", "is_fuel", "expected"),
    [
        (1, False, (Decimal(1), PIECE)),
        (144, False, (Decimal(144), PIECE)),
        (0, False, (Decimal(1), PIECE)),
        (9976, True, (Decimal("9.976"), GALLON)),
        (10, True, (Decimal("0.010"), GALLON)),
        (1, True, (Decimal(1), PIECE)),
    ],
)
def test_fuel_is_measured_in_gallons_and_everything_else_counted(quantity, is_fuel, expected):
    assert measured(quantity, is_fuel) == expected


def test_fuel_is_known_by_product_in_both_of_its_departments(last_week):
    assert len(fuel_products()) == 35
    fuel = [line for basket in last_week for line in basket.lines if line.product_id in fuel_products()]
    assert {line.unit for line in fuel} == {GALLON, PIECE}
    gallons = [line for line in fuel if line.unit == GALLON]
    assert all(Decimal("1.75") < Decimal(line.amount) / 100 / line.qty < Decimal("3.30") for line in gallons)
    others = {line.unit for basket in last_week for line in basket.lines if line.product_id not in fuel_products()}
    assert others == {PIECE}


@pytest.mark.proof
@pytest.mark.long
def test_the_whole_year_keeps_what_was_paid_and_drops_only_nothing():
    count = lines = free = amount = 0
    households = set()
    for basket in read_baskets(date(2018, 1, 1), date(2017, 1, 1), date(2017, 12, 31)):
        count += 1
        lines += len(basket.lines)
        free += sum(line.amount == 0 for line in basket.lines)
        amount += basket.amount
        households.add(basket.household_id)
    assert (count, lines, free, amount, len(households)) == (155520, 1460467, 2406, 459603958, 2469)


def test_three_months_are_read_within_seconds(today):
    first, last = calendar.last_months(today, 3)
    started = time.process_time()
    baskets = lines = amount = 0
    for basket in read_baskets(today, first, last):
        baskets += 1
        lines += len(basket.lines)
        amount += basket.amount
    assert (baskets, lines, amount) == (38041, 361710, 116594234)
    assert time.process_time() - started < 10  # 1.5 s on an idle machine
