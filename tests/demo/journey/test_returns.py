from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from loyalty.demo.journey import calendar
from loyalty.demo.journey.baskets import GALLON, PIECE, read_baskets
from loyalty.demo.journey.returns import choose, return_time, returns_of, returns_within

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def month(today):
    """Baskets and returns of the last 28 days of the data."""
    first, last = date(2026, 2, 2), calendar.last_date(today)
    sold = list(read_baskets(today, first, last))
    return sold, returns_within(sold, last)


def test_two_percent_of_the_lines_are_chosen():
    chosen = [basket_id for basket_id in range(100_000) if choose(basket_id, 1, Decimal(1), PIECE)]
    drawn = (int(sha256(f"line:{basket_id}:1".encode()).hexdigest()[:16], 16) for basket_id in range(100_000))
    assert chosen == [basket_id for basket_id, number in enumerate(drawn) if number % 10_000 < 200]
    assert 1_900 < len(chosen) < 2_100


def test_the_choice_hangs_on_basket_and_line_alone():
    found = [(basket_id, choose(basket_id, 3, Decimal(5), PIECE)) for basket_id in range(1_000)]
    assert found == [(basket_id, choose(basket_id, 3, Decimal(5), PIECE)) for basket_id in range(1_000)]
    assert [basket_id for basket_id, choice in found if choice] != [
        basket_id for basket_id in range(1_000) if choose(basket_id, 4, Decimal(5), PIECE)
    ]


def test_chosen_lines_come_back_after_1_to_20_days_in_whole_or_part():
    choices = [choice for number in range(50_000) if (choice := choose(number, 1, Decimal(3), PIECE))]
    assert {days for days, _ in choices} == set(range(1, 21))
    assert {qty for _, qty in choices} == {Decimal(1), Decimal(2), Decimal(3)}


def test_what_is_measured_comes_back_whole():
    choices = [choice for number in range(5_000) if (choice := choose(number, 1, Decimal("9.976"), GALLON))]
    assert {qty for _, qty in choices} == {Decimal("9.976")}


def test_returns_come_in_time_order_with_an_id_of_their_own(month):
    _, found = month
    instants = [made.at.timestamp() for made in found]
    assert instants == sorted(instants)
    assert len({made.external_id for made in found}) == len(found)


def test_each_return_takes_no_more_than_was_bought_and_no_line_twice(month):
    baskets, found = month
    bought = {(b.basket_id, line.line_number): line.qty for b in baskets for line in b.lines}
    at = {basket.basket_id: basket.at for basket in baskets}
    times = Counter((made.basket_id, number) for made in found for number, _ in made.lines)
    assert set(times.values()) == {1}
    for made in found:
        days = (made.at.date() - at[made.basket_id].date()).days
        assert 1 <= days <= 20
        assert made.external_id == f"{made.basket_id}-R{days}"
        assert 10 <= made.at.hour < 20
        assert made.lines == tuple(sorted(made.lines))
        for number, qty in made.lines:
            assert 0 < qty <= bought[made.basket_id, number]


def test_nothing_comes_back_after_the_end_of_the_data(month, today):
    baskets, found = month
    last = calendar.last_date(today)
    assert max(made.at.date() for made in found) == last
    returned = {(made.basket_id, number) for made in found for number, _ in made.lines}
    chosen = {
        (basket.basket_id, line.line_number): choice[0]
        for basket in baskets
        for line in basket.lines
        if (choice := choose(basket.basket_id, line.line_number, line.qty, line.unit))
    }
    at = {basket.basket_id: basket.at.date() for basket in baskets}
    in_time = {key for key, days in chosen.items() if at[key[0]] + timedelta(days=days) <= last}
    assert returned == in_time
    assert in_time < set(chosen)


def test_lines_of_one_day_are_one_return_and_other_days_another(month):
    baskets, _ = month
    far = date(2026, 12, 31)
    several = [made for basket in baskets if len(made := returns_of(basket, far)) > 1]
    assert several
    assert all(len({made.at.date() for made in group}) == len(group) for group in several)


def test_an_earlier_day_of_loading_chooses_the_same_lines(month):
    _, found = month
    by = calendar.shift(date(2026, 3, 4)) - calendar.shift(date(2025, 7, 9))
    sold = read_baskets(date(2025, 7, 9), date(2026, 2, 2) - by, date(2026, 3, 1) - by)
    earlier = returns_within(sold, date(2026, 3, 1) - by)
    assert {(made.external_id, made.lines) for made in earlier} == {(made.external_id, made.lines) for made in found}


def test_the_hour_of_a_return_exists_on_the_day_the_clocks_change():
    made = return_time(41479557436, date(2026, 3, 1), 7)
    assert (made.date(), made.utcoffset()) == (date(2026, 3, 8), timedelta(hours=-4))
