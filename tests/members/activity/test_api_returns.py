"""``POST /api/v1/transactions/{external_id}/returns``."""

from typing import Any

import pytest

from loyalty.kernel import clock
from members.activity.models import PurchaseLine, Return
from members.ledger.models import Entry, Wallet
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def buy(api: Any, external_id: str = "R-1") -> None:
    response = api.post(
        "/api/v1/transactions",
        {
            "external_id": external_id,
            "member": {"kind": "card", "value": CARD},
            "at": "2026-10-20T11:30:00Z",
            "currency": "USD",
            "lines": [{"sku": "A", "qty": 2, "unit_price": "10.00"}, {"sku": "B", "unit_price": "5.00"}],
        },
    )
    assert response.status_code == 201, response.content


def bring_back(api: Any, *lines: tuple[str, Any], external_id: str = "RET-1", of: str = "R-1") -> Any:
    listed = [{"line_id": line_id, "qty": quantity} for line_id, quantity in lines]
    return api.post(f"/api/v1/transactions/{of}/returns", {"external_id": external_id, "lines": listed})


def active(shop: Shop) -> int:
    with factories.entered(shop):
        return Wallet.objects.get().active


class TestRecordReturn:
    def test_takes_back_what_the_goods_earned(self, shop):
        api = factories.client(shop, "purchases.write")
        buy(api)

        response = bring_back(api, ("1", 1))

        assert response.status_code == 201
        answer = response.json()
        del answer["id"]
        assert answer == {
            "transaction": "R-1",
            "external_id": "RET-1",
            "state": "applied",
            "reversed": {"POINTS": "10"},
            "discount": "0.00",
            "balance": {"POINTS": {"active": "15", "pending": "0", "reserved": "0", "debt": "0"}},
        }

    def test_a_repeat_gets_the_first_answer_and_takes_nothing(self, shop):
        api = factories.client(shop, "purchases.write")
        buy(api)
        first = bring_back(api, ("1", 1))
        bring_back(api, ("2", 1), external_id="RET-2")

        again = bring_back(api, ("1", 1))

        assert again["Idempotent-Replay"] == "true"
        assert (again.status_code, again.content) == (201, first.content)
        assert active(shop) == 10

    def test_the_same_number_with_other_goods_is_refused(self, shop):
        api = factories.client(shop, "purchases.write")
        buy(api)
        bring_back(api, ("1", 1))

        other = bring_back(api, ("1", 2))

        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        assert active(shop) == 15

    @pytest.mark.parametrize(
        ("status", "code", "line"),
        [
            (422, "activity.return_beyond_purchase", ("1", 3)),
            (422, "activity.unknown_line", ("9", 1)),
            (400, "malformed", ("1", 0)),
            (400, "malformed", ("1", "-1")),
            (400, "malformed", ("1", "0.0001")),
        ],
    )
    def test_what_was_not_bought_cannot_come_back(self, shop, status, code, line):
        api = factories.client(shop, "purchases.write")
        buy(api)

        response = bring_back(api, line)

        assert (response.status_code, response.json()["code"]) == (status, code)
        with factories.entered(shop):
            assert not Return.objects.exists()
            assert Entry.objects.count() == 1
            assert set(PurchaseLine.objects.values_list("returned_quantity", flat=True)) == {0}
        assert active(shop) == 25


class TestReturnBeforeItsPurchase:
    def test_waits_and_is_applied_with_the_purchase(self, shop):
        api = factories.client(shop, "purchases.write", "members.read")

        early = bring_back(api, ("1", 1))

        assert (early.status_code, early.json()["state"], early.json()["reversed"]) == (202, "waiting", {})
        with factories.entered(shop):
            assert not Entry.objects.exists()

        buy(api)

        assert active(shop) == 15
        assert api.get("/api/v1/transactions/R-1").json()["returns"][0]["points"] == {"POINTS": "10"}
        again = bring_back(api, ("1", 1))
        assert (again.status_code, again.json()["state"]) == (201, "applied")
        assert again["Idempotent-Replay"] == "true"

    def test_does_not_keep_its_purchase_out_when_it_makes_no_sense(self, shop):
        api = factories.client(shop, "purchases.write")
        assert bring_back(api, ("9", 1)).status_code == 202

        buy(api)

        assert active(shop) == 25
