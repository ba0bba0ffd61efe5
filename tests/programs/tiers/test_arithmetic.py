"""Windows, validity and reviews of tiers, by days written out by hand."""

from datetime import date

import pytest

from programs.tiers.arithmetic import (
    SchemeTerms,
    TierTerms,
    earned_tier,
    review_day,
    review_window,
    reviewed_tier,
    scheme_from,
    valid_until,
    window_start,
)

pytestmark = pytest.mark.pure

BASIC, SILVER, GOLD = TierTerms(1, "BASIC", 0, 0), TierTerms(2, "SILVER", 1, 100), TierTerms(3, "GOLD", 2, 500, 300)
ENROLLED = date(2024, 2, 29)


def scheme(**terms) -> SchemeTerms:
    values = {"point_type": "STATUS", "window_months": 12, "valid_months": 12, "tiers": (BASIC, SILVER, GOLD)}
    return SchemeTerms(1, "STATUS", **{**values, **terms})


@pytest.mark.parametrize(
    ("terms", "day", "start", "until"),
    [
        ({}, date(2026, 1, 15), date(2025, 1, 16), date(2027, 2, 1)),
        ({"window_months": 3, "valid_months": 1}, date(2026, 5, 31), date(2026, 3, 1), date(2026, 7, 1)),
        ({"window": "calendar"}, date(2026, 5, 4), date(2026, 1, 1), date(2028, 1, 1)),
        ({"window": "calendar", "window_months": 3, "valid_months": 3}, date(2026, 5, 4), date(2026, 4, 1), date(2026, 10, 1)),
        ({"window": "calendar", "window_months": 6, "valid_months": 0}, date(2026, 12, 31), date(2026, 7, 1), date(2027, 1, 1)),
        ({"window": "anniversary"}, date(2026, 2, 27), date(2025, 2, 28), date(2027, 2, 28)),
        ({"window": "anniversary"}, date(2026, 2, 28), date(2026, 2, 28), date(2028, 2, 28)),
        ({"window": "anniversary", "valid_months": 0}, date(2028, 3, 1), date(2028, 2, 29), date(2029, 2, 28)),
    ],
)  # fmt: skip
def test_the_window_and_the_validity_of_a_day(terms, day, start, until):
    assert window_start(day, scheme(**terms), ENROLLED) == start
    assert valid_until(day, scheme(**terms), ENROLLED) == until


def test_a_tier_that_is_kept_is_kept_for_a_whole_validity_more_and_not_a_month_longer():
    until = valid_until(date(2026, 1, 15), scheme(), ENROLLED)
    again = valid_until(date.fromordinal(until.toordinal() - 1), scheme(), ENROLLED)

    assert (until, again) == (date(2027, 2, 1), date(2028, 2, 1))


def test_the_review_counts_the_window_of_the_last_day_and_comes_after_the_grace():
    terms = scheme(window="calendar", grace_days=14)

    assert review_day(date(2028, 1, 1), terms) == date(2028, 1, 15)
    assert review_window(date(2028, 1, 1), terms, ENROLLED) == date(2027, 1, 1)


@pytest.mark.parametrize(("value", "tier"), [(0, BASIC), (99, BASIC), (100, SILVER), (499, SILVER), (500, GOLD)])
def test_the_tier_that_a_value_earns(value, tier):
    assert earned_tier(value, scheme().tiers) == tier


@pytest.mark.parametrize(
    ("downgrade", "present", "value", "after"),
    [
        ("one", GOLD, 300, GOLD),
        ("one", GOLD, 299, SILVER),
        ("one", GOLD, 0, SILVER),
        ("one", SILVER, 0, BASIC),
        ("one", SILVER, 500, GOLD),
        ("earned", GOLD, 0, BASIC),
        ("earned", GOLD, 299, SILVER),
        ("earned", GOLD, 300, GOLD),
        ("never", GOLD, 0, GOLD),
        ("never", SILVER, 600, GOLD),
        ("one", BASIC, 0, BASIC),
    ],
)
def test_a_review_keeps_lowers_or_raises(downgrade, present, value, after):
    assert reviewed_tier(present, value, scheme(downgrade=downgrade)) == after


def test_a_given_tier_falls_to_what_was_earned_whatever_the_scheme_says():
    assert reviewed_tier(GOLD, 0, scheme(), is_given=True) == BASIC
    assert reviewed_tier(GOLD, 300, scheme(downgrade="never"), is_given=True) == SILVER
    assert reviewed_tier(SILVER, 500, scheme(), is_given=True) == GOLD


def test_a_scheme_frozen_before_there_were_measures_counts_points_of_the_last_months():
    old = {
        "id": 7, "code": "STATUS", "point_type": "STATUS", "window_months": 12, "valid_months": 12,
        "tiers": [{"id": 1, "code": "BASIC", "rank": 0, "threshold": 0}],
    }  # fmt: skip
    read = scheme_from(old)

    assert (read.measure, read.window, read.downgrade, read.grace_days) == ("points", "rolling", "one", 0)
    assert read.tiers[0].kept_with == 0
