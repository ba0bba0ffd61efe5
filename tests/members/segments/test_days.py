"""Comparisons with a known day, reckoned once: against every birthday around it."""

from datetime import date, timedelta

import pytest
from django.db import connection

from members.segments.sql.days import CYCLE, CYCLE_ENDS, birthdays_between, latest_birthday, on_days_of_year
from members.segments.sql.parameters import Parameters
from programs.rules import dates
from programs.rules.attributes import age_on

DAYS = [date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2026, 12, 31)]
BORN = [date(1979, 12, 20) + timedelta(days=number) for number in range(5 * 366)]


@pytest.mark.parametrize("day", DAYS)
def test_who_is_that_old_was_born_on_the_latest_birthday_or_before(day):
    for age in (40, 43, 44, 45, 46, 47, 48):
        last = latest_birthday(age, day)
        assert [born for born in BORN if age_on(born, day) >= age] == [born for born in BORN if born <= last]


def test_ages_beyond_any_life_are_nobodys_and_those_below_none_everybodys():
    assert latest_birthday(5000, date(2026, 1, 1)) == date.min
    assert latest_birthday(-9000, date(2026, 1, 1)) == date.max
    assert latest_birthday(0, date(2026, 2, 28)) == date(2026, 2, 28)


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize(("before", "after"), [(0, 0), (3, 3), (0, 40), (180, 180)])
def test_the_days_of_the_year_are_those_of_the_anniversaries(today, before, after):
    days = birthdays_between(today - timedelta(days=after), today + timedelta(days=before))
    assert days is not None
    for born in BORN:
        years = (today.year - 1, today.year, today.year + 1)
        is_near = any(-before <= (today - dates.anniversary(born, year)).days <= after for year in years)
        assert (born.month * 100 + born.day in days) is is_near


def test_a_whole_year_is_everybody():
    assert birthdays_between(date(2026, 1, 1), date(2026, 12, 31) + timedelta(days=1)) is None


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", [[228, 229, 301], [1231, 101], [229]])
def test_a_day_of_the_year_is_found_before_in_and_after_the_years_that_repeat(wanted):
    parameters = Parameters()
    first, last = (parameters.add(day, "date") for day in (date(1896, 1, 1), date(2108, 12, 31)))
    asked = on_days_of_year("day", wanted, parameters)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT day FROM (SELECT generate_series({first}, {last}, '1 day')::date AS day) d WHERE {asked}",
            parameters.values,
        )
        found = [row[0] for row in cursor.fetchall()]
    every = (date(1896, 1, 1) + timedelta(days=number) for number in range(213 * 365 + 52))
    expected = [day for day in every if day.month * 100 + day.day in wanted and day <= date(2108, 12, 31)]
    assert found == expected
    assert expected[0] < CYCLE < CYCLE_ENDS < expected[-1]
