"""``GET /api/v1/members/{identity}/history``: every movement with its reason."""

from typing import Any

import pytest

from loyalty.kernel import clock
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"
ADDRESS = f"/api/v1/members/card:{CARD}/history"


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    factories.make_location(made, "store-1")
    return made


@pytest.fixture
def api(shop) -> Any:
    return factories.client(shop, "purchases.write", "members.read", "adjustments.write")


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def buy(api: Any, external_id: str, at: str) -> None:
    response = api.post(
        "/api/v1/transactions",
        {
            "external_id": external_id,
            "member": {"kind": "card", "value": CARD},
            "at": at,
            "currency": "USD",
            "store": "store-1",
            "lines": [{"sku": "A", "qty": 2, "unit_price": "5.00"}],
        },
    )
    assert response.status_code == 201, response.content


def test_names_the_receipt_the_rules_and_the_reason(api):
    buy(api, "R-1", "2026-10-20T10:00:00Z")
    api.post(
        "/api/v1/transactions/R-1/returns",
        {"external_id": "RET-1", "at": "2026-10-20T11:00:00Z", "lines": [{"line_id": "1", "qty": 1}]},
    )
    given = {"member": {"kind": "card", "value": CARD}, "type": "POINTS", "points": "3", "reason": "GOODWILL"}
    api.post("/api/v1/adjustments", given, HTTP_IDEMPOTENCY_KEY="k")

    answer = api.get(ADDRESS).json()

    assert answer["next"] is None
    rows = answer["results"]
    assert [
        (row["kind"], row["points"], row["transaction"], row["store"], row["reason"], row["reason_name"])
        for row in rows
    ] == [
        ("adjust", {"POINTS": "3"}, None, None, "GOODWILL", "Goodwill"),
        ("reverse", {"POINTS": "-5"}, "R-1", "store-1", None, ""),
        ("earn", {"POINTS": "10"}, "R-1", "store-1", None, ""),
    ]
    assert [row["applied"] for row in rows[:2]] == [[], []]
    assert rows[2]["applied"] == [
        {
            "rule": "BASE",
            "name": "Base",
            "points": {"POINTS": "10"},
            "why": "10 points: 1 point for every full 1.00 USD on 10.00 USD",
        }
    ]


def test_pages_newest_first_and_a_new_row_disturbs_no_page(api):
    for number in range(5):
        buy(api, f"R-{number}", f"2026-10-20T0{number}:00:00Z")

    first = api.get(ADDRESS, {"limit": 2}).json()
    buy(api, "R-9", "2026-10-20T11:00:00Z")
    second = api.get(ADDRESS, {"limit": 2, "cursor": first["next"]}).json()
    third = api.get(ADDRESS, {"limit": 2, "cursor": second["next"]}).json()

    names = [row["transaction"] for page in (first, second, third) for row in page["results"]]
    assert names == ["R-4", "R-3", "R-2", "R-1", "R-0"]
    assert third["next"] is None


def test_a_member_of_another_program_has_no_history_here(api):
    factories.make_member(factories.make_program("OTHER"), card="4539578763621486")

    response = api.get("/api/v1/members/card:4539578763621486/history")

    assert (response.status_code, response.json()["code"]) == (404, "members.unknown")
