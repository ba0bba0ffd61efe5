"""The explanation of a decision: kept packed, read as it was told, without what a member's own data were."""

import json
from typing import Any

import pytest
from django.db import connection

from loyalty.kernel import clock
from members.activity.explanations import Explanation
from members.activity.models import Evaluation
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"


def gift(when: dict[str, Any]) -> dict[str, Any]:
    earn = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "5"}}
    return {"schema": "promo/1", "when": when, "then": [earn]}


@pytest.fixture
def shop() -> Any:
    with clock.fixed(NOON):
        made = factories.make_program()
        factories.make_member(made, card=CARD)
        factories.publish(made, "LARGE", gift({"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"}))
        wine = {"op": "test", "attr": "line.sku", "cmp": "eq", "value": "WINE"}
        factories.publish(
            made, "WINE", gift({"op": "lines", "where": wine, "measure": "units", "cmp": "gte", "value": 2})
        )
        yield made


def told(shop: Shop, number: str, *, sku: str = "A", qty: str = "1", amount: str = "20.00") -> dict[str, Any]:
    """By rule: the leaf because of which it was not applied."""
    answer = factories.client(shop, "purchases.write").post(
        "/api/v1/transactions",
        {
            "external_id": number, "member": {"kind": "card", "value": CARD}, "at": NOON.isoformat(), "currency": "USD",
            "lines": [{"sku": sku, "qty": qty, "amount": amount}],
        },
    )  # fmt: skip
    assert answer.status_code == 201, answer.json()
    with factories.entered(shop):
        outcome = Evaluation.objects.get(purchase__external_id=number).outcome
    return {entry["rule"]: entry["leaf"] for entry in outcome["explanation"] if entry["status"] == "not_applied"}


def test_each_purchase_keeps_what_was_found_in_it_however_alike_they_are(shop):
    first, second = told(shop, "R-1"), told(shop, "R-2", amount="30.00")
    third = told(shop, "R-3", sku="WINE", amount="20.00")

    assert [leaf["LARGE"]["actual"] for leaf in (first, second, third)] == ["20.00", "30.00", "20.00"]
    assert [leaf["WINE"]["actual"] for leaf in (first, second, third)] == [0, 0, 1]
    assert first["WINE"] == second["WINE"] == {**third["WINE"], "actual": 0}
    assert first["LARGE"]["condition"] == {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"}


def test_one_that_was_kept_unpacked_is_read_as_well(shop):
    told(shop, "R-1")
    with factories.entered(shop):
        row = Evaluation.objects.get()
        kept = row.outcome["explanation"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT jsonb_typeof(outcome->'explanation') FROM members_evaluation")
            assert cursor.fetchone() == ("string",)
        field = Evaluation._meta.get_field("outcome")
        as_before = json.dumps({"points": {}, "explanation": list(kept)})
        assert field.from_db_value(as_before, None, connection)["explanation"] == kept


def test_entries_are_made_when_they_are_read():
    found = Explanation([{"rule": "A"}, {"rule": "B"}])

    assert (len(found), found[1], list(found)) == (2, {"rule": "B"}, [{"rule": "A"}, {"rule": "B"}])
