"""Terms of return at every door: how long, what happens to the points, and what the member gets."""

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import ApiKey
from members.activity.models import Evaluation, PurchaseLine, Return
from members.messaging.models import Message
from programs.returns.models import ReturnTerms
from tests import factories
from tests.factories import NOON
from tests.members.activity.returning import Counter, add_terms, add_tiers, open_counter

pytestmark = pytest.mark.django_db

OF_ELECTRONICS = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["electronics"]}
# Two promotions: 10 points for electronics, 14 for receipts from 140.00 on.
RULES = {
    "VIDEO": {
        "schema": "promo/1",
        "when": {"op": "lines", "where": OF_ELECTRONICS, "measure": "units", "cmp": "gte", "value": 1},
        "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "10"}}],
    },
    "LARGE": {
        "schema": "promo/1",
        "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "140.00"},
        "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "14"}}],
    },
}


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def counter() -> Counter:
    return open_counter()


def refused(counter: Counter, response, code: str) -> dict:
    """The problem of a refused return; nothing has moved."""
    assert (response.status_code, response.json()["code"]) == (422, code), response.content
    with factories.entered(counter.shop):
        assert not Return.objects.exists()
        assert set(PurchaseLine.objects.values_list("returned_quantity", flat=True)) == {0}
        assert not Evaluation.objects.filter(kind="return").exists()
        assert not Message.objects.exists()
    assert (counter.held(), counter.entries()) == ((140, 0), 1)
    return dict(response.json())


class TestPoints:
    @pytest.mark.parametrize(
        ("mode", "taken", "left"), [("recompute", "100", 40), ("proportional", "100", 40), ("keep", "0", 140)]
    )
    def test_each_mode_says_what_the_goods_cost_in_points(self, counter, mode, taken, left):
        add_terms(counter.shop, points_mode=mode)
        counter.buy()

        answer = counter.bring_back(("tv", 1)).json()

        assert (answer["reversed"], counter.held()) == ({"POINTS": taken}, (left, 0))
        counter.assert_books_are_right()

    def test_lines_of_one_receipt_go_each_by_its_own_terms(self):
        counter = open_counter(rules={"LARGE": RULES["LARGE"]})
        add_terms(counter.shop, category="electronics", points_mode="keep")
        add_terms(counter.shop, category="books", points_mode="proportional")
        # 140 for the amount, and 14 for a large receipt: ten for the set, four for the books.
        assert counter.buy()["points"] == {"POINTS": "154"}

        book = counter.bring_back(("book", 1), name="B-1").json()
        tv = counter.bring_back(("tv", 1), name="B-2").json()
        other_book = counter.bring_back(("book", 1), name="B-3").json()

        assert [one["reversed"]["POINTS"] for one in (book, tv, other_book)] == ["22", "0", "22"]
        assert counter.held() == (110, 0)
        counter.assert_books_are_right()

    def test_a_bonus_lost_by_recomputing_one_line_is_taken_once(self):
        counter = open_counter(rules={"LARGE": RULES["LARGE"]})
        add_terms(counter.shop, category="books", points_mode="proportional")
        counter.buy()

        tv = counter.bring_back(("tv", 1), name="B-1").json()
        books = counter.bring_back(("book", 2), name="B-2").json()

        # Without the set the receipt is not large any more: the 14 go whole, and nothing is left of them for the books.
        assert [one["reversed"]["POINTS"] for one in (tv, books)] == ["114", "40"]
        assert counter.held() == (0, 0)
        counter.assert_books_are_right()

    def test_a_rule_that_says_itself_what_a_return_does_is_heard_first(self):
        counter = open_counter(rules={"LARGE": {**RULES["LARGE"], "on_return": "keep"}})
        add_terms(counter.shop, points_mode="proportional")
        counter.buy()

        assert counter.bring_back(("tv", 1), ("book", 2)).json()["reversed"] == {"POINTS": "140"}
        assert counter.held() == (14, 0)

    def test_all_goods_returned_take_everything_unless_a_line_keeps_its_points(self):
        counter = open_counter(rules=RULES)
        add_terms(counter.shop, category="electronics", points_mode="proportional")
        counter.buy()

        assert counter.bring_back(("tv", 1), ("book", 2)).json()["reversed"] == {"POINTS": "164"}
        assert counter.held() == (0, 0)

    def test_money_off_is_never_paid_back_even_where_the_points_are_kept(self):
        off = {"schema": "promo/1", "then": [{"effect": "discount", "percent": "10"}]}
        counter = open_counter(rules={"OFF": off})
        add_terms(counter.shop, points_mode="keep")
        counter.buy()

        answer = counter.bring_back(("tv", 1)).json()

        assert (answer["discount"], answer["reversed"]) == ("10.00", {"POINTS": "0"})

    def test_a_return_at_once_and_one_by_one_come_to_the_same(self):
        counter = open_counter(rules=RULES)
        add_terms(counter.shop, category="books", points_mode="proportional")
        counter.buy("R-1")
        counter.buy("R-2")

        at_once = counter.bring_back(("tv", 1), ("book", 1), name="B-1", of="R-1").json()
        first = counter.bring_back(("book", 1), name="B-2", of="R-2").json()
        second = counter.bring_back(("tv", 1), name="B-3", of="R-2").json()

        taken = [int(one["reversed"]["POINTS"]) for one in (at_once, first, second)]
        assert taken[0] == taken[1] + taken[2] > 0
        counter.assert_books_are_right()


class TestLimits:
    ONCE = {"limits": [{"id": "ONCE", "scope": "member", "period": "lifetime", "measure": "uses", "max": "1"}]}

    def test_what_keeps_its_points_uses_its_limit_until_everything_is_returned(self):
        counter = open_counter(rules={"LARGE": {**RULES["LARGE"], **self.ONCE}})
        add_terms(counter.shop, points_mode="proportional")
        counter.buy("R-1")

        counter.bring_back(("tv", 1), name="B-1")
        assert counter.buy("R-2")["points"] == {"POINTS": "140"}
        counter.bring_back(("book", 2), name="B-2")
        assert counter.buy("R-3")["points"] == {"POINTS": "154"}
        counter.assert_books_are_right()

    def test_a_program_whose_only_rule_keeps_frees_no_limit_for_a_part(self):
        counter = open_counter(rules={"BASE": {**factories.BASE, "on_return": "keep", **self.ONCE}})
        counter.buy("R-1")

        counter.bring_back(("tv", 1), name="B-1")

        assert counter.buy("R-2")["points"] == {"POINTS": "0"}
        counter.assert_books_are_right()


class TestWindow:
    def test_the_last_day_ends_at_midnight_in_the_zone_of_the_program(self):
        counter = open_counter(timezone="Europe/Warsaw")
        add_terms(counter.shop, days=5)
        # Half past midnight of the 20th in Warsaw; clocks go back in the night to the 25th, which is the last day.
        counter.buy(at="2026-10-19T22:30:00Z")

        with clock.fixed(NOON.replace(day=25, hour=23, minute=0)):
            late = counter.bring_back(("tv", 1))
            problem = refused(counter, late, "activity.return_window_over")
        with clock.fixed(NOON.replace(day=25, hour=22, minute=59, second=59)):
            assert counter.bring_back(("tv", 1)).status_code == 201

        assert problem["detail"] == "Line tv could be returned until 2026-10-25."
        assert [error["field"] for error in problem["errors"]] == ["lines.0.line_id"]

    def test_one_line_that_is_too_late_keeps_the_whole_return_out(self, counter):
        add_terms(counter.shop, category="electronics", days=0)
        counter.buy()

        with clock.fixed(NOON.replace(day=21)):
            refused(counter, counter.bring_back(("book", 1), ("tv", 1)), "activity.return_window_over")
            assert counter.bring_back(("book", 1)).status_code == 201

    def test_a_purchase_keeps_the_terms_of_its_day(self, counter):
        counter.buy("R-1")
        add_terms(counter.shop, days=0)
        counter.buy("R-2")

        with clock.fixed(NOON.replace(day=22)):
            answers = [counter.bring_back(("tv", 1), of=of, name=of).status_code for of in ("R-1", "R-2")]

        assert answers == [201, 422]

    def test_a_return_that_waited_and_came_too_late_goes_before_a_person(self, counter):
        add_terms(counter.shop, days=0)
        with clock.fixed(NOON.replace(day=22)):
            assert counter.bring_back(("tv", 1)).json()["state"] == "waiting"
            counter.buy()

        with factories.entered(counter.shop):
            assert Return.objects.get().state == "review"
        assert counter.held() == (140, 0)


class TestWhoseTerms:
    def test_the_tier_before_the_purchase_counts_and_not_the_one_that_it_reached(self, counter):
        add_tiers(counter.shop)
        add_terms(counter.shop, days=7)
        add_terms(counter.shop, tier="GOLD", days=30)
        counter.buy("R-1")
        counter.buy("R-2", at="2026-10-20T10:00:00Z")

        assert {line["until"] for line in counter.terms("R-1").values()} == {"2026-10-27"}
        assert {line["until"] for line in counter.terms("R-2").values()} == {"2026-11-19"}

    def test_the_tier_of_that_day_stays_when_the_return_of_another_purchase_takes_the_tier_back(self, counter):
        add_tiers(counter.shop)
        add_terms(counter.shop, tier="GOLD", days=30)
        counter.buy("R-1")
        counter.buy("R-2", at="2026-10-20T10:00:00Z")
        counter.bring_back(("tv", 1), ("book", 2), of="R-1")

        assert {line["until"] for line in counter.terms("R-2").values()} == {"2026-11-19"}

    def test_the_channel_and_the_category_of_the_line_decide(self, counter):
        add_terms(counter.shop, days=14)
        add_terms(counter.shop, channel="online", days=30)
        add_terms(counter.shop, category="books", days=1)
        counter.buy("R-1", channel="online")
        counter.buy("R-2")

        assert [line["until"] for line in counter.terms("R-1").values()] == ["2026-11-19", "2026-10-21"]
        assert [line["until"] for line in counter.terms("R-2").values()] == ["2026-11-03", "2026-10-21"]


class TestToldBefore:
    def test_every_line_says_how_long_and_on_which_terms(self, counter):
        add_terms(counter.shop, category="electronics", days=5, points_mode="keep", gives_money=False, bonus=110)
        counter.buy()
        counter.bring_back(("book", 1))

        assert counter.terms() == {
            "tv": {
                "line_id": "tv", "sku": "TV", "qty": "1", "is_returnable": True, "until": "2026-10-25", "points": "keep",
                "settlements": ["exchange", "bonus"], "bonus": {"type": "POINTS", "percent": 110},
                "why": "Electronics: taken back for 5 days; points: the member keeps them; "
                "in exchange, or for 110\N{NO-BREAK SPACE}% of the money in points.",
            },
            "book": {
                "line_id": "book", "sku": "BOOK", "qty": "1", "is_returnable": True, "until": None, "points": "recompute",
                "settlements": ["money", "exchange"], "bonus": None, "why": "",
            },
        }  # fmt: skip
        with clock.fixed(NOON.replace(day=26)):
            assert counter.terms()["tv"]["is_returnable"] is False

    def test_a_quote_says_what_the_return_would_do_and_moves_nothing(self, counter):
        counter.buy()
        asked = {"lines": [{"line_id": "tv", "qty": 1}]}

        answer = counter.api.post("/api/v1/transactions/R-1/returns/quote", asked)

        assert (answer.status_code, answer.json()) == (
            200,
            {
                "transaction": "R-1", "reversed": {"POINTS": "100"}, "discount": "0.00",
                "balance": {"POINTS": {"active": "40", "pending": "0", "reserved": "0", "debt": "0"}},
            },
        )  # fmt: skip
        with factories.entered(counter.shop):
            assert not Return.objects.exists()
        assert (counter.held(), counter.entries()) == ((140, 0), 1)

    def test_a_quote_is_refused_as_the_return_would_be(self, counter):
        add_terms(counter.shop, gives_money=False)
        counter.buy()
        asked = {"lines": [{"line_id": "tv", "qty": 1}]}

        answer = counter.api.post("/api/v1/transactions/R-1/returns/quote", asked)

        assert refused(counter, answer, "activity.no_money_back")["errors"][0]["field"] == "settlement"

    def test_a_key_of_one_location_is_told_nothing_of_what_another_sold(self, counter):
        here = factories.make_location(counter.shop, "here")
        factories.make_location(counter.shop, "elsewhere")
        counter.buy(store="elsewhere")
        with factories.entered(counter.shop):
            key, token = ApiKey.issue(name="till", scopes=["purchases.write"], location_id=here)
            key.save()
        counter.api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        asked = {"lines": [{"line_id": "tv", "qty": 1}]}

        answers = [
            counter.api.get("/api/v1/transactions/R-1/returns/terms"),
            counter.api.post("/api/v1/transactions/R-1/returns/quote", asked),
        ]

        assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "activity.other_location")] * 2

    def test_the_answer_to_a_return_names_the_terms_that_decided(self, counter):
        add_terms(counter.shop, category="books", points_mode="keep")
        counter.buy()

        answer = counter.bring_back(("tv", 1), ("book", 1)).json()

        assert answer["terms"] == [
            {
                "line_id": "book",
                "why": "Books: taken back without an end; points: the member keeps them; for money or in exchange.",
            }
        ]
        (shown,) = counter.api.get("/api/v1/transactions/R-1").json()["returns"]
        assert shown["terms"] == answer["terms"]


def test_the_terms_of_the_program_are_told_to_its_machines(counter):
    add_terms(counter.shop, category="books", channel="online", days=1, bonus=50)
    ended = add_terms(counter.shop, since_date="2026-02-01")
    with factories.entered(counter.shop):
        ReturnTerms.objects.filter(pk=ended).update(until_date="2026-10-20")

    assert counter.api.get("/api/v1/return-terms").json() == {
        "terms": [
            {
                "category": "books", "tier": None, "channel": "online", "since": "2026-01-01", "until": None, "days": 1,
                "points": "recompute", "gives_money": True, "bonus": {"type": "POINTS", "percent": 50},
                "why": "Books, online shop: taken back for 1 day; points: what is kept is judged again by the rules of its "
                "day; for money, in exchange, or for 50\N{NO-BREAK SPACE}% of the money in points.",
            }
        ]
    }  # fmt: skip
