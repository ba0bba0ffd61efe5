"""Money off by promotions: answered by line, stored, judged again with the kept goods, never taken off twice."""

from typing import Any

import pytest

from loyalty.kernel import clock
from members.activity.models import Evaluation, Purchase
from members.ledger.models import Wallet
from programs.promotions.models import LimitCounter
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"
COFFEE = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["coffee"]}
TENTH_OFF = {"effect": "discount", "percent": "10"}
THIRD_FREE = {"effect": "nth_free", "n": 3, "where": COFFEE}
BREAKFAST = {
    "effect": "bundle",
    "price": "5.00",
    "parts": [
        {"where": COFFEE},
        {"where": {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["bakery"]}},
    ],
}


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def open_shop(effect: dict[str, Any], **frame: Any) -> Shop:
    shop = factories.make_program()
    factories.make_member(shop, card=CARD)
    factories.publish(shop, "OFF", {"schema": "promo/1", "then": [effect], **frame}, name="Off")
    return shop


def buy(api: Any, *lines: dict[str, Any], external_id: str = "R-1") -> dict[str, Any]:
    response = api.post(
        "/api/v1/transactions",
        {
            "external_id": external_id,
            "member": {"kind": "card", "value": CARD},
            "at": "2026-10-20T11:30:00Z",
            "currency": "USD",
            "lines": list(lines),
        },
    )
    assert response.status_code == 201, response.content
    return dict(response.json())


def coffee(price: str = "3.00", qty: int = 1, **values: Any) -> dict[str, Any]:
    return {"sku": "COFFEE", "qty": qty, "unit_price": price, "categories": ["coffee"], **values}


def bun(price: str = "4.00") -> dict[str, Any]:
    return {"sku": "BUN", "unit_price": price, "categories": ["bakery"]}


class TestAnswered:
    def test_a_percentage_line_by_line_with_points_on_what_is_left(self):
        api = factories.client(open_shop(TENTH_OFF), "purchases.write")

        answer = buy(api, coffee("20.00"), bun("5.55"))

        assert answer["discounts"] == [
            {"rule": "OFF", "name": "Off", "line_id": "1", "amount": "2.00"},
            {"rule": "OFF", "name": "Off", "line_id": "2", "amount": "0.56"},
        ]
        assert (answer["discount"], answer["to_pay"], answer["transaction"]["amount"]) == ("2.56", "22.99", "25.55")
        # 25.55 - 2.56 = 22.99: points follow what is really paid.
        assert answer["points"] == {"POINTS": "22"}

    def test_the_third_is_free(self):
        api = factories.client(open_shop(THIRD_FREE), "purchases.write")

        answer = buy(api, coffee("3.00", 2), coffee("4.00"))

        assert [(one["line_id"], one["amount"]) for one in answer["discounts"]] == [("1", "3.00")]
        assert answer["points"] == {"POINTS": "7"}

    def test_a_bundle_costs_its_price(self):
        api = factories.client(open_shop(BREAKFAST), "purchases.write")

        answer = buy(api, coffee("3.00"), bun("4.00"))

        # 7.00 for 5.00: two off, spread over 3.00 and 4.00.
        assert [(one["line_id"], one["amount"]) for one in answer["discounts"]] == [("1", "0.86"), ("2", "1.14")]
        assert (answer["to_pay"], answer["points"]) == ("5.00", {"POINTS": "5"})

    def test_a_repeat_says_the_same(self):
        api = factories.client(open_shop(TENTH_OFF), "purchases.write")
        first = buy(api, coffee("20.00"))

        assert buy(api, coffee("20.00")) == first

    def test_its_limit_is_counted_and_ends_it(self):
        shop = open_shop(TENTH_OFF, limits=[{"id": "TWICE", "scope": "member", "measure": "uses", "max": "1"}])
        api = factories.client(shop, "purchases.write")

        first = buy(api, coffee("20.00"))
        second = buy(api, coffee("20.00"), external_id="R-2")

        assert (first["discount"], second["discount"]) == ("2.00", "0.00")
        with factories.entered(shop):
            assert LimitCounter.objects.get().used == 1


class TestAlreadyTakenOff:
    """A till that took the promotions' discounts off by an earlier quote says how much of each line's was theirs."""

    @pytest.mark.parametrize(
        "line",
        [
            {"unit_price": "20.00", "discount": "2.00", "promotion_discount": "2.00"},
            {"unit_price": None, "amount": "18.00", "promotion_discount": "2.00"},
        ],
    )
    def test_is_not_taken_off_twice(self, line):
        shop = open_shop(TENTH_OFF)
        api = factories.client(shop, "purchases.write")

        answer = buy(api, {name: value for name, value in {**coffee(), **line}.items() if value is not None})

        assert (answer["transaction"]["amount"], answer["discount"], answer["to_pay"]) == ("20.00", "2.00", "18.00")
        assert answer["points"] == {"POINTS": "18"}
        with factories.entered(shop):
            assert Purchase.objects.get().amount == 2000

    def test_the_shops_own_discount_stays_off(self):
        api = factories.client(open_shop(TENTH_OFF), "purchases.write")

        answer = buy(api, coffee("20.00", discount="7.00", promotion_discount="2.00"))

        # 20.00 less 5.00 of the shop is 15.00; a tenth of it comes off.
        assert (answer["transaction"]["amount"], answer["discount"], answer["to_pay"]) == ("15.00", "1.50", "13.50")

    def test_more_than_the_discount_is_refused_and_nothing_moves(self):
        shop = open_shop(TENTH_OFF)
        api = factories.client(shop, "purchases.write")

        response = api.post(
            "/api/v1/transactions",
            {
                "external_id": "R-1",
                "member": {"kind": "card", "value": CARD},
                "at": "2026-10-20T11:30:00Z",
                "currency": "USD",
                "lines": [coffee("20.00", discount="1.00", promotion_discount="2.00")],
            },
        )

        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "lines.0.promotion_discount"
        with factories.entered(shop):
            assert not Purchase.objects.exists()
            assert Wallet.objects.get().active == 0


class TestReturned:
    def bring_back(self, api: Any, line: str, quantity: int, external_id: str = "B-1") -> dict[str, Any]:
        body = {"external_id": external_id, "lines": [{"line_id": line, "qty": quantity}]}
        response = api.post("/api/v1/transactions/R-1/returns", body)
        assert response.status_code == 201, response.content
        return dict(response.json())

    def test_the_kept_goods_are_judged_without_the_discount_they_lost(self):
        shop = open_shop(THIRD_FREE)
        api = factories.client(shop, "purchases.write")
        # Two at 3.00, one of them free, and one at 4.00: 7.00 paid, 7 points.
        buy(api, coffee("3.00", 2), coffee("4.00"))

        answer = self.bring_back(api, "2", 1)

        # Two are kept and none of them is free: 6.00 bring 6 points.
        assert (answer["reversed"], answer["discount"]) == ({"POINTS": "1"}, "3.00")

    def test_everything_back_takes_everything_back_and_frees_the_limit(self):
        shop = open_shop(TENTH_OFF, limits=[{"id": "ONCE", "scope": "member", "measure": "uses", "max": "1"}])
        api = factories.client(shop, "purchases.write")
        buy(api, coffee("20.00", 2))

        first = self.bring_back(api, "1", 1)
        second = self.bring_back(api, "1", 1, "B-2")

        assert (first["reversed"], first["discount"]) == ({"POINTS": "18"}, "2.00")
        assert (second["reversed"], second["discount"]) == ({"POINTS": "18"}, "2.00")
        with factories.entered(shop):
            assert Wallet.objects.get().active == 0
            assert LimitCounter.objects.get().used == 0
            stored = [row.outcome.get("discounts") for row in Evaluation.objects.filter(kind="purchase")]
            assert stored[0][0]["lines"] == [["1", 400]]
