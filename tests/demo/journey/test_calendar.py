from datetime import UTC, date, datetime, time, timedelta

import pytest

from loyalty.demo.journey import calendar

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 3, 2), date(2026, 3, 1)),
        (date(2026, 3, 7), date(2026, 3, 1)),
        (date(2026, 3, 8), date(2026, 3, 1)),  # a Sunday itself: the one before it
        (date(2026, 3, 9), date(2026, 3, 8)),
        (date(2018, 1, 1), date(2017, 12, 31)),
        (date(2017, 12, 31), date(2017, 12, 24)),
    ],
)
def test_the_data_end_on_the_last_sunday_before_today(today, expected):
    assert calendar.last_date(today) == expected
    assert calendar.DATA_LAST_DATE + calendar.shift(today) == expected


@pytest.mark.parametrize(
    ("now", "last"),
    [
        # Monday in Europe, Sunday evening where the data come from.
        (datetime(2026, 11, 23, 4, 59, tzinfo=UTC), date(2026, 11, 15)),
        (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), date(2026, 11, 22)),
    ],
)
def test_nothing_is_of_a_day_that_is_not_over(now, last):
    assert calendar.last_date(calendar.present_date(now)) == last
    assert datetime.combine(last + timedelta(days=1), time.min, calendar.ZONE) <= now


def test_every_day_of_a_year_moves_by_whole_weeks():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {calendar.shift(day).days % 7 for day in days} == {0}
    assert {(day - calendar.last_date(day)).days for day in days} == {1, 2, 3, 4, 5, 6, 7}


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 3, 4), date(2025, 12, 2), date(2026, 3, 1)),
        (date(2026, 6, 1), date(2026, 3, 1), date(2026, 5, 31)),  # three months before 31 May is 28 February
        (date(2024, 6, 3), date(2024, 3, 3), date(2024, 6, 2)),
    ],
)
def test_the_last_three_months_end_with_the_data(today, first, last):
    assert calendar.last_months(today, 3) == (first, last)


def test_wall_time_is_kept_across_winter_and_summer():
    # 15:38:21 in New York on 30 December 2017, moved 26 weeks back into summer time.
    winter = int(datetime(2017, 12, 30, 20, 38, 21, tzinfo=UTC).timestamp())
    moved = calendar.moved_time(winter, timedelta(weeks=-26))
    assert (moved.replace(tzinfo=None), moved.utcoffset()) == (datetime(2017, 7, 1, 15, 38, 21), timedelta(hours=-4))


def test_a_wall_time_that_the_clocks_skip_is_an_hour_later():
    moved = calendar.normalized(datetime(2026, 3, 8, 2, 30))
    assert (moved.replace(tzinfo=None), moved.astimezone(UTC)) == (
        datetime(2026, 3, 8, 3, 30),
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
    )


def test_of_a_doubled_hour_the_first_is_meant():
    assert calendar.normalized(datetime(2025, 11, 2, 1, 30)).astimezone(UTC) == datetime(2025, 11, 2, 5, 30, tzinfo=UTC)


def test_a_moved_day_begins_at_local_midnight_of_the_data():
    by = calendar.shift(date(2026, 3, 4))
    # 1 July 2017 began at 04:00 UTC, in summer time.
    assert calendar.source_seconds(date(2017, 7, 1) + by, by) == int(datetime(2017, 7, 1, 4, tzinfo=UTC).timestamp())
