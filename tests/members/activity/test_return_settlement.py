"""What a member gets for goods: money, another purchase in exchange, or points instead of money."""

from decimal import Decimal

import pytest

from loyalty.kernel import clock
from members.activity.models import Evaluation, Return
from members.ledger.models import Entry, Lot, Posting
from partners.registry.models import Agreement
from programs.promotions import services as promotions
from programs.setup.models import PointType
from tests import factories
from tests.factories import NOON
from tests.members.activity.returning import Counter, add_terms, open_counter
from tests.rewards.vouchers.room import CARD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def counter() -> Counter:
    return open_counter()


def refusal(counter: Counter, response) -> tuple[int, str, list[str]]:
    """Status, code and fields of a refused return; nothing has moved."""
    with factories.entered(counter.shop):
        assert not Return.objects.exists()
        assert not Evaluation.objects.filter(kind="return").exists()
    assert (counter.held(), counter.entries()) == ((140, 0), 1)
    problem = response.json()
    return response.status_code, problem["code"], [error["field"] for error in problem["errors"]]


class TestBonus:
    def test_the_share_of_the_money_becomes_points_beside_what_the_return_takes_back(self, counter):
        add_terms(counter.shop, bonus=110)
        counter.buy()

        answer = counter.bring_back(("tv", 1), settlement="bonus").json()

        # 110 % of 100.00 at a cent a point, less the 100 points that the set had earned.
        assert (answer["settlement"], answer["bonus"], answer["reversed"]) == (
            "bonus", {"POINTS": "11000"}, {"POINTS": "100"},
        )  # fmt: skip
        assert answer["balance"]["POINTS"]["active"] == "11040"
        assert counter.held() == (11040, 0)
        counter.assert_books_are_right()

    def test_lines_with_other_shares_are_rounded_down_once_all_together(self, counter):
        with factories.entered(counter.shop):
            PointType.objects.update(decimals=0)
        add_terms(counter.shop, category="electronics", bonus=33)
        add_terms(counter.shop, category="books", bonus=1)
        counter.buy(
            lines=[
                {"line_id": "tv", "sku": "TV", "amount": "1.01", "categories": ["electronics"]},
                {"line_id": "book", "sku": "BOOK", "amount": "0.68", "categories": ["books"]},
            ]
        )

        # 33.33 and 0.68 points: 34 together, where line by line it would be 33.
        assert counter.bring_back(("tv", 1), ("book", 1), settlement="bonus").json()["bonus"] == {"POINTS": "34"}

    def test_the_points_live_as_their_type_says_and_are_paid_by_the_partner_of_the_place(self, counter):
        partner_id = factories.make_partner(counter.shop, "ACME")
        factories.make_location(counter.shop, "store-1", partner_id=partner_id)
        with factories.entered(counter.shop):
            Agreement.objects.create(
                partner_id=partner_id, starts_date=NOON.date(), currency="USD", issue_price=1000, redeem_price=800,
                funds_base=True,
            )  # fmt: skip
            PointType.objects.update(expiry={"after_days": 10, "at": "start_of_day"})
            promotions.freeze_settings(now=NOON)
        add_terms(counter.shop, bonus=100)
        counter.buy(store="store-1")

        counter.bring_back(("tv", 1), settlement="bonus")

        with factories.entered(counter.shop):
            entry = Entry.objects.get(cause_kind="return_bonus")
            lot = Lot.objects.get(entry=entry)
            assert (entry.kind, entry.cause_id, lot.amount) == ("earn", Return.objects.get().pk, 10000)
            assert lot.expires_at == NOON.replace(day=30, hour=0)
            assert Posting.objects.get(entry=entry, bucket="issued").partner_id == partner_id

    def test_a_debt_that_the_return_leaves_is_repaid_first(self, counter):
        add_terms(counter.shop, bonus=1)
        counter.buy()
        with factories.entered(counter.shop):
            reason = {"type": "POINTS", "points": "-100", "reason": "GOODWILL"}
        api = factories.client(counter.shop, "adjustments.write")
        member = {"kind": "card", "value": CARD}
        taken = api.post("/api/v1/adjustments", {"member": member, **reason}, headers={"Idempotency-Key": "A-1"})
        assert taken.status_code == 201, taken.content

        counter.bring_back(("tv", 1), settlement="bonus")

        # 40 were left of 140, the return takes 100: a debt of 60, of which the bonus of 100 repays all.
        assert counter.held() == (40, 0)
        counter.assert_books_are_right()

    def test_money_off_that_is_lost_becomes_no_bonus(self, counter):
        factories.publish(counter.shop, "OFF", {"schema": "promo/1", "then": [{"effect": "discount", "percent": "10"}]})
        add_terms(counter.shop, bonus=100)
        counter.buy()

        answer = counter.bring_back(("tv", 1), settlement="bonus").json()

        assert (answer["discount"], answer["bonus"]) == ("10.00", {"POINTS": "9000"})

    def test_the_value_of_a_point_is_that_of_the_day_of_the_purchase(self, counter):
        add_terms(counter.shop, bonus=100)
        counter.buy()
        with factories.entered(counter.shop):
            program = PointType.objects.get().program
            type(program).objects.filter(pk=program.pk).update(point_value=Decimal("0.02"))
            promotions.freeze_settings(now=NOON)

        assert counter.bring_back(("tv", 1), settlement="bonus").json()["bonus"] == {"POINTS": "10000"}

    def test_the_history_of_the_member_names_the_purchase_and_no_rule(self, counter):
        add_terms(counter.shop, bonus=100)
        counter.buy()
        counter.bring_back(("tv", 1), settlement="bonus")

        rows = counter.api.get(f"/api/v1/members/card:{CARD}/history").json()["results"]

        assert [(row["kind"], row["points"], row["transaction"], len(row["applied"])) for row in rows] == [
            ("earn", {"POINTS": "10000"}, "R-1", 0),
            ("reverse", {"POINTS": "-100"}, "R-1", 0),
            ("earn", {"POINTS": "140"}, "R-1", 1),
        ]

    def test_a_repeat_gives_no_second_bonus(self, counter):
        add_terms(counter.shop, bonus=100)
        counter.buy()
        first = counter.bring_back(("tv", 1), settlement="bonus")

        again = counter.bring_back(("tv", 1), settlement="bonus")

        assert (again["Idempotent-Replay"], again.content) == ("true", first.content)
        assert counter.held() == (10040, 0)

    def test_it_is_refused_where_none_is_offered(self, counter):
        add_terms(counter.shop, category="electronics", bonus=100)
        counter.buy()

        response = counter.bring_back(("tv", 1), ("book", 1), settlement="bonus")

        assert refusal(counter, response) == (422, "activity.no_bonus_offered", ["settlement"])

    def test_it_is_refused_where_it_would_be_no_point(self, counter):
        add_terms(counter.shop, bonus=100)
        counter.buy("R-0", lines=[{"line_id": "bag", "sku": "BAG", "amount": "0.00"}])
        counter.buy()

        response = counter.bring_back(("bag", 1), of="R-0", settlement="bonus")

        assert refusal(counter, response) == (422, "activity.nothing_for_bonus", ["settlement"])


class TestExchange:
    def test_both_purchases_show_the_other(self, counter):
        counter.buy("R-1")

        answer = counter.bring_back(("tv", 1), settlement="exchange", exchange="R-2").json()
        counter.buy("R-2")

        assert (answer["settlement"], answer["exchange"], answer["reversed"]) == ("exchange", "R-2", {"POINTS": "100"})
        old, new = (counter.api.get(f"/api/v1/transactions/{name}").json() for name in ("R-1", "R-2"))
        assert [(one["external_id"], one["exchange"]) for one in old["returns"]] == [("B-1", "R-2")]
        assert new["in_exchange_for"] == [{"external_id": "B-1", "transaction": "R-1", "amount": "100.00"}]
        assert "in_exchange_for" not in old

    @pytest.mark.parametrize(
        "values",
        [
            {"settlement": "exchange"},
            {"settlement": "money", "exchange": "R-2"},
            {"settlement": "exchange", "exchange": "R-1"},
            {"settlement": "bonus", "exchange": "R-2"},
        ],
    )
    def test_an_exchange_names_another_receipt_and_nothing_else_does(self, counter, values):
        counter.buy()

        assert refusal(counter, counter.bring_back(("tv", 1), **values)) == (400, "malformed", ["exchange"])

    def test_it_is_accepted_where_no_money_is_given_back(self, counter):
        add_terms(counter.shop, gives_money=False)
        counter.buy()

        assert refusal(counter, counter.bring_back(("tv", 1))) == (422, "activity.no_money_back", ["settlement"])
        assert counter.bring_back(("tv", 1), settlement="exchange", exchange="R-2").status_code == 201
