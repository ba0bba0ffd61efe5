"""Which terms of return hold for a line: the most specific ones of the day of the purchase."""

from datetime import date
from fractions import Fraction

import pytest

from programs.returns.terms import Bonus, TermsBook

pytestmark = pytest.mark.pure

DAY = date(2026, 10, 20)
SOUND = ("electronics.audio", "electronics")
GOLD = {"STATUS": "GOLD"}


def row(key, **values):
    return {
        "id": key, "category": None, "tier": None, "channel": "", "since": "2026-01-01", "until": None, "days": 14,
        "mode": "recompute", "gives_money": True, "bonus": None, **values,
    }  # fmt: skip


def chosen(rows, *, categories=SOUND, tiers=GOLD, channel="online", day=DAY):
    return TermsBook(rows).of_lines({"1": categories}, day=day, tiers=tiers, channel=channel).get("1")


ALL = [
    row(1),
    row(2, channel="online"),
    row(3, tier=["STATUS", "GOLD"]),
    row(4, tier=["STATUS", "GOLD"], channel="online"),
    row(5, category="electronics"),
    row(6, category="electronics", channel="online"),
    row(7, category="electronics", tier=["STATUS", "GOLD"]),
    row(8, category="electronics", tier=["STATUS", "GOLD"], channel="online"),
    row(9, category="electronics.audio"),
]


@pytest.mark.parametrize(
    ("taken_out", "winner"),
    [
        ((), 9),
        ((9,), 8),
        ((9, 8), 7),
        ((9, 8, 7), 6),
        ((9, 8, 7, 6), 5),
        ((9, 8, 7, 6, 5), 4),
        ((9, 8, 7, 6, 5, 4), 3),
        ((9, 8, 7, 6, 5, 4, 3), 2),
        ((9, 8, 7, 6, 5, 4, 3, 2), 1),
        ((9, 8, 7, 6, 5, 4, 3, 2, 1), None),
    ],
)
def test_a_deeper_category_goes_before_the_tier_and_the_tier_before_the_channel(taken_out, winner):
    rows = [one for one in ALL if one["id"] not in taken_out]

    assert chosen(rows) == winner
    assert chosen(rows[::-1]) == winner


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([row(1, category="electronics.video")], {}),
        ([row(1, category="electronics.audio")], {"categories": ("electronics",)}),
        ([row(1, category="electro")], {}),
        ([row(1, category="electronics")], {"categories": ()}),
        ([row(1, tier=["STATUS", "SILVER"])], {}),
        ([row(1, tier=["OTHER", "GOLD"])], {}),
        ([row(1, channel="store")], {}),
        ([row(1, since="2026-10-21")], {}),
        ([row(1, until="2026-10-20")], {}),
    ],
)
def test_what_does_not_fit_holds_for_nobody(rows, values):
    assert chosen(rows, **values) is None


def test_a_category_of_the_receipt_alone_lies_below_its_parents():
    assert chosen([row(1, category="electronics")], categories=("electronics.audio.headphones",)) == 1


def test_of_two_categories_of_one_depth_the_one_named_first_decides():
    rows = [row(1, category="gifts"), row(2, category="toys")]

    assert chosen(rows, categories=("toys", "gifts")) == 2
    assert chosen(rows, categories=("gifts", "toys")) == 1


def test_of_two_tiers_the_one_of_the_first_scheme_decides():
    rows = [row(1, tier=["CLUB", "A"]), row(2, tier=["STATUS", "GOLD"])]

    assert chosen(rows, tiers={"CLUB": "A", "STATUS": "GOLD"}) == 1
    assert chosen(rows, tiers={"STATUS": "GOLD", "CLUB": "A"}) == 2


class TestDays:
    OLD, NEW = row(1, since="2026-01-01"), row(2, since="2026-10-20")

    @pytest.mark.parametrize(("day", "winner"), [(date(2025, 12, 31), None), (date(2026, 10, 19), 1), (DAY, 2)])
    def test_the_latest_that_has_begun_stands_for_its_key(self, day, winner):
        assert chosen([self.NEW, self.OLD], day=day) == winner

    def test_the_older_ones_do_not_come_back_when_the_newer_ones_end(self):
        ended = {**self.NEW, "until": "2026-11-01"}

        assert chosen([self.OLD, ended], day=date(2026, 10, 31)) == 2
        assert chosen([self.OLD, ended], day=date(2026, 11, 1)) is None

    def test_what_was_called_off_before_it_began_leaves_the_older_ones_in_force(self):
        called_off = {**self.NEW, "until": "2026-10-20"}

        assert chosen([self.OLD, called_off], day=date(2026, 12, 1)) == 1

    @pytest.mark.parametrize(
        ("days", "last"), [(None, None), (0, date(2026, 3, 28)), (1, date(2026, 3, 29)), (14, date(2026, 4, 11))]
    )
    def test_the_last_day_is_counted_in_days_and_not_in_hours(self, days, last):
        held = TermsBook([row(1, days=days)]).by_id[1]

        # The night to 29 March has an hour less in most of Europe.
        assert held.last_day(date(2026, 3, 28)) == last


def test_a_bonus_is_an_exact_fraction():
    held = TermsBook([row(1, bonus={"type": "POINTS", "percent": 110, "each": "11/3"})]).by_id[1]

    assert held.bonus == Bonus("POINTS", 110, Fraction(11, 3))
