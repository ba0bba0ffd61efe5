"""``POST /api/v1/transactions/batch``: each purchase succeeds or fails by itself."""

from typing import Any

import pytest

from loyalty.kernel import clock
from members.activity.models import Purchase
from members.ledger.models import Wallet
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


def item(external_id: str, amount: str = "10.00", **changes: Any) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "member": {"kind": "card", "value": CARD},
        "at": "2026-10-20T11:30:00Z",
        "currency": "USD",
        "lines": [{"sku": "A", "amount": amount}],
        **changes,
    }


def send(shop: Shop, *items: Any) -> Any:
    return factories.client(shop, "purchases.write").post("/api/v1/transactions/batch", {"transactions": list(items)})


class TestRecordTransactions:
    def test_answers_each_in_order(self, shop):
        response = send(
            shop,
            item("R-1", at="2026-10-20T11:30:00Z"),
            item("R-2", at="2026-10-21T11:30:00Z"),
            item("R-3", at="2026-10-20T09:30:00Z"),
            item("R-4", lines=[{"sku": "A", "amount": "-1.00"}]),
            item("R-5", member={"kind": "card", "value": "none"}),
            "not even an object",
            item("R-1", at="2026-10-20T11:30:00Z"),
            item("R-3", amount="11.00"),
        )

        assert response.status_code == 207
        results = response.json()["results"]
        assert [(one["external_id"], one["status"], one["is_replay"]) for one in results] == [
            ("R-1", 201, False),
            ("R-2", 422, False),
            ("R-3", 201, False),
            ("R-4", 400, False),
            ("R-5", 404, False),
            (None, 400, False),
            ("R-1", 201, True),
            ("R-3", 422, False),
        ]
        assert results[1]["problem"]["code"] == "activity.in_the_future"
        assert results[3]["problem"]["errors"][0]["field"] == "lines.0.amount"
        assert results[7]["problem"]["code"] == "idempotency_mismatch"
        # Judged in the order of time: the later purchase sees the earlier one's points.
        assert results[2]["answer"]["balance"]["POINTS"]["active"] == "10"
        assert results[0]["answer"]["balance"]["POINTS"]["active"] == "20"
        assert results[6]["answer"] == results[0]["answer"]
        with factories.entered(shop):
            assert set(Purchase.objects.values_list("external_id", flat=True)) == {"R-1", "R-3"}
            assert Wallet.objects.get().active == 20

    def test_a_repeat_of_the_whole_batch_records_nothing(self, shop):
        first = send(shop, item("R-1"), item("R-2")).json()["results"]

        again = send(shop, item("R-1"), item("R-2")).json()["results"]

        assert [one["is_replay"] for one in again] == [True, True]
        assert [one["answer"] for one in again] == [one["answer"] for one in first]
        with factories.entered(shop):
            assert Purchase.objects.count() == 2

    def test_the_same_purchase_sent_alone_and_in_a_batch_is_one(self, shop):
        factories.client(shop, "purchases.write").post("/api/v1/transactions", item("R-1"))

        (result,) = send(shop, item("R-1")).json()["results"]

        assert (result["status"], result["is_replay"]) == (201, True)

    @pytest.mark.parametrize(("count", "status"), [(0, 400), (500, 207), (501, 400)])
    def test_takes_from_one_to_five_hundred(self, shop, count, status):
        response = send(shop, *({"external_id": str(number)} for number in range(count)))

        assert response.status_code == status
        with factories.entered(shop):
            assert not Purchase.objects.exists()
