"""Figures as readers of each language write them."""

from datetime import date

import pytest
from django.utils import translation

from loyalty.kernel.pages import figures

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("language", "points", "money", "day"),
    [
        ("en", "1,234,567", "−12,345.60\u00a0EUR", "2 Jan 2018"),
        ("pl", "1\u00a0234\u00a0567", "−12\u00a0345,60\u00a0EUR", "2 sty 2018"),
        ("ru", "1\u00a0234\u00a0567", "−12\u00a0345,60\u00a0EUR", "2 янв 2018"),
    ],
)
def test_thousands_decimals_and_months_follow_the_language(language, points, money, day):
    with translation.override(language):
        assert figures.points(1_234_567) == points
        assert figures.money(-1_234_560, "EUR") == money
        assert figures.short_date(date(2018, 1, 2)) == day


def test_decimals_are_those_of_the_unit():
    with translation.override("en"):
        assert figures.points(12_345, 2) == "123.45"
        assert figures.money(500, "JPY") == "500\u00a0JPY"
