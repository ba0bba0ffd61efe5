"""What was just written is told without being read: word for word as whoever asks again is told it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.kernel import clock
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db

CARD = "79927398713"
GIFT = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "5"}}


def when(attribute: str, comparison: str, value: Any) -> dict[str, Any]:
    return {
        "schema": "promo/1",
        "when": {"op": "test", "attr": attribute, "cmp": comparison, "value": value},
        "then": [GIFT, {"effect": "print", "text": {"en": "Thank you"}}],
    }


@pytest.fixture
def shop() -> Any:
    with clock.fixed(NOON):
        made = factories.make_program()
        factories.make_member(made, card=CARD)
        factories.make_location(made, "CITY")
        for sku in ("SOAP", "NEW"):
            factories.make_product(made, sku, category="household")
        # Of different lengths: the database puts the codes of rules in an order of its own.
        for code, amount in (("A_LONG_CODE", "100.00"), ("Z", "200.00"), ("MIDDLE", "50.00")):
            factories.publish(made, code, when("txn.amount", "gte", amount))
        yield made


def receipt(number: str, amount: str, *, minutes: int = 0) -> dict[str, Any]:
    return {
        "external_id": number, "member": {"kind": "card", "value": CARD}, "currency": "USD", "store": "CITY",
        "at": (NOON - timedelta(minutes=minutes)).isoformat(),
        "lines": [{"sku": "SOAP", "qty": "1.500", "unit": "kg", "amount": amount}, {"sku": "NEW", "amount": "0.00"}],
    }  # fmt: skip


def without_returns(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer.pop("returns") == []
    return answer


def test_one_purchase_is_told_as_it_is_read_afterwards(shop):
    api = factories.client(shop, "purchases.write", "members.read")
    first = api.post("/api/v1/transactions", receipt("R-1", "60.00"))
    again = api.post("/api/v1/transactions", receipt("R-1", "60.00"))

    assert [one["rule"] for one in first.json()["not_applied"]] == ["Z", "A_LONG_CODE"]
    assert first.json()["print"] == ["Thank you"]
    assert again["Idempotent-Replay"] == "true"
    assert again.content == first.content
    assert without_returns(api.get("/api/v1/transactions/R-1").json()) == first.json()


def test_several_of_one_member_each_tell_the_balance_that_they_left(shop):
    api = factories.client(shop, "purchases.write", "members.read")
    sent = [receipt("LATER", "10.00"), receipt("EARLY", "20.00", minutes=9), receipt("NONE", "0.00", minutes=5)]
    results = api.post("/api/v1/transactions/batch", {"transactions": sent}).json()["results"]

    left = {one["external_id"]: one["answer"]["balance"]["POINTS"]["active"] for one in results}
    # One that moves nothing has no entry of its own: what it tells is as of the batch.
    assert left == {"EARLY": "20", "LATER": "30", "NONE": "30"}
    for one in results:
        asked = api.get(f"/api/v1/transactions/{one['external_id']}").json()
        assert without_returns(asked) == one["answer"]


def test_one_that_a_return_waited_for_is_told_with_it(shop):
    api = factories.client(shop, "purchases.write", "members.read")
    line = {"line_id": "1", "qty": "1.500"}
    waiting = api.post(
        "/api/v1/transactions/R-1/returns", {"external_id": "B-1", "at": NOON.isoformat(), "lines": [line]}
    )
    assert waiting.status_code == 202
    first = api.post("/api/v1/transactions", receipt("R-1", "60.00", minutes=5))
    again = api.post("/api/v1/transactions", receipt("R-1", "60.00", minutes=5))
    assert first.status_code == 201, first.json()
    assert again.content == first.content


def test_nothing_that_was_written_is_read_back(shop):
    api = factories.client(shop, "purchases.write")
    with CaptureQueriesContext(connection) as asked:
        assert api.post("/api/v1/transactions", receipt("R-1", "10.00")).status_code == 201
    written = ("members_purchase", "members_purchase_line", "members_evaluation", "members_posting")
    reads = [one["sql"] for one in asked.captured_queries if one["sql"].lstrip().startswith("SELECT")]
    assert not [sql for sql in reads for table in written if f'FROM "{table}"' in sql or f"FROM {table} " in sql]
