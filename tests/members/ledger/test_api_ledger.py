"""Balance, lots, corrections and export over HTTP."""

import csv
import io
from typing import Any

import pytest

from loyalty.kernel import clock
from members.ledger.models import Entry, Wallet
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"
WEEK = {
    "schema": "promo/1",
    "then": [
        {
            "effect": "earn",
            "type": "POINTS",
            "formula": {"kind": "fixed", "points": "2"},
            "expiry": {"after_days": 7, "at": "start_of_day"},
        }
    ],
}


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program(rules={"WEEK": WEEK}, point_types=(("POINTS", 1), ("STATUS", 0)))
    factories.make_member(made, card=CARD)
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def buy(shop: Shop, external_id: str, amount: str) -> None:
    response = factories.client(shop, "purchases.write").post(
        "/api/v1/transactions",
        {
            "external_id": external_id,
            "member": {"kind": "card", "value": CARD},
            "at": NOON.isoformat(),
            "currency": "USD",
            "lines": [{"sku": "A", "amount": amount}],
        },
    )
    assert response.status_code == 201, response.content


def adjust(api: Any, key: str = "k-1", **changes: Any) -> Any:
    given = {
        "member": {"kind": "card", "value": CARD},
        "type": "POINTS",
        "points": "5.5",
        "reason": "GOODWILL",
        "note": "=HYPERLINK()",
        **changes,
    }
    return api.post("/api/v1/adjustments", given, HTTP_IDEMPOTENCY_KEY=key)


class TestBalance:
    def test_tells_every_type_of_points(self, shop):
        buy(shop, "R-1", "10.00")

        answer = factories.client(shop, "members.read").get(f"/api/v1/members/card:{CARD}/balance").json()

        assert answer == {
            "balance": {
                "POINTS": {"active": "12.0", "pending": "0.0", "reserved": "0.0", "debt": "0.0"},
                "STATUS": {"active": "0", "pending": "0", "reserved": "0", "debt": "0"},
            },
            "shown": {"POINTS": "12.0", "STATUS": "0"},
            "credit_limit": {"POINTS": "0.0"},
        }


class TestLots:
    def test_pages_first_expiring_first_and_endless_ones_last(self, shop):
        for number in range(3):
            buy(shop, f"R-{number}", f"{number + 1}.00")
        api = factories.client(shop, "members.read")
        address = f"/api/v1/members/card:{CARD}/lots"

        pages = [api.get(address, {"limit": 2}).json()]
        while pages[-1]["next"]:
            pages.append(api.get(address, {"limit": 2, "cursor": pages[-1]["next"]}).json())

        rows = [row for page in pages for row in page["results"]]
        assert [(row["rule"], row["amount"], row["expires_at"]) for row in rows] == [
            *[("WEEK", "2.0", "2026-10-27T00:00:00Z")] * 3,
            ("BASE", "1.0", None),
            ("BASE", "2.0", None),
            ("BASE", "3.0", None),
        ]
        assert [len(page["results"]) for page in pages] == [2, 2, 2, 0]

    @pytest.mark.parametrize(
        "query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"cursor": "x"}, {"cursor": "W10"}]
    )
    def test_a_page_that_does_not_exist_is_refused(self, shop, query):
        response = factories.client(shop, "members.read").get(f"/api/v1/members/card:{CARD}/lots", query)

        assert (response.status_code, response.json()["code"]) == (400, "malformed")


class TestAdjust:
    def test_gives_and_takes_once_for_a_key(self, shop):
        api = factories.client(shop, "adjustments.write")

        first = adjust(api)
        again = adjust(api)
        taken = adjust(api, "k-2", points="-1.5")

        assert first.status_code == 201
        assert first.json()["points"] == "5.5"
        assert first.json()["balance"]["POINTS"]["active"] == "5.5"
        assert (again["Idempotent-Replay"], again.content) == ("true", first.content)
        assert (taken.json()["points"], taken.json()["balance"]["POINTS"]["active"]) == ("-1.5", "4.0")
        with factories.entered(shop):
            assert Wallet.objects.get(point_type__code="POINTS").active == 40

    def test_the_same_key_with_another_body_is_refused(self, shop):
        api = factories.client(shop, "adjustments.write")
        adjust(api)

        other = adjust(api, points="5.4")

        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        with factories.entered(shop):
            assert Entry.objects.count() == 1

    def test_a_refusal_is_the_answer_of_its_key_for_ever(self, shop):
        api = factories.client(shop, "adjustments.write")
        refused = adjust(api, points="-5.5")
        adjust(api, "k-2", points="50")

        again = adjust(api, points="-5.5")

        assert (refused.status_code, refused.json()["code"]) == (409, "ledger.insufficient_points")
        assert (again.status_code, again.content, again["Idempotent-Replay"]) == (409, refused.content, "true")
        assert again["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize(
        ("status", "code", "changes"),
        [
            (400, "malformed", {"points": "0.05"}),
            (400, "malformed", {"points": "NaN"}),
            (400, "malformed", {"points": 5}),
            (400, "malformed", {"type": "MILES"}),
            (400, "malformed", {"reason": "BECAUSE"}),
            (422, "ledger.zero", {"points": "0"}),
            (422, "ledger.reason_refused", {"type": "STATUS", "points": "5"}),
            (404, "members.unknown", {"member": {"kind": "card", "value": "0"}}),
        ],
    )
    def test_refusals_move_nothing(self, shop, status, code, changes):
        response = adjust(factories.client(shop, "adjustments.write"), **changes)

        assert (response.status_code, response.json()["code"]) == (status, code)
        with factories.entered(shop):
            assert not Entry.objects.exists()

    def test_a_malformed_request_does_not_use_up_its_key(self, shop):
        api = factories.client(shop, "adjustments.write")
        adjust(api, type="MILES")

        assert adjust(api).status_code == 201


class TestExport:
    def rows(self, shop: Shop, **query: str) -> list[dict[str, str]]:
        response = factories.client(shop, "exports.read").get("/api/v1/exports/ledger", query)
        assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
        return list(csv.DictReader(io.StringIO(response.getvalue().decode())))

    def test_holds_every_posting_of_this_program_alone(self, shop):
        buy(shop, "@R-1", "10.00")
        adjust(factories.client(shop, "adjustments.write"))
        other = factories.make_program("OTHER")
        factories.make_member(other, card=CARD)
        buy(other, "R-9", "3.00")

        found = [
            (row["kind"], row["bucket"], row["is_of_member"], row["points"], row["receipt"], row["reason"], row["note"])
            for row in self.rows(shop)
        ]

        assert sorted(found) == [
            ("adjust", "active", "t", "5.5", "", "GOODWILL", "'=HYPERLINK()"),
            ("adjust", "adjusted", "f", "-5.5", "", "GOODWILL", "'=HYPERLINK()"),
            ("earn", "active", "t", "12.0", "'@R-1", "", ""),
            ("earn", "issued", "f", "-12.0", "'@R-1", "", ""),
        ]

    def test_an_instant_bounds_it(self, shop):
        buy(shop, "R-1", "10.00")

        assert len(self.rows(shop, since="2026-10-20T12:00:00Z", until="2026-10-20T12:00:01Z")) == 2
        assert self.rows(shop, until="2026-10-20T12:00:00Z") == []

    def test_what_cannot_be_read_is_refused(self, shop):
        api = factories.client(shop, "exports.read")

        assert api.get("/api/v1/exports/ledger", {"since": "2026"}).status_code == 400
        assert api.get("/api/v1/exports/ledger", {"from": "2026"}).status_code == 400
