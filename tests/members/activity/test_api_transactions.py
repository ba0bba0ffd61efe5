"""``POST /api/v1/transactions``: points, balance and reasons through the real door."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from members.activity.models import Purchase, Received
from members.ledger.models import Entry
from programs.setup.models import Program
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"
DOUBLE_PRODUCE = {
    "schema": "promo/1",
    "when": {
        "op": "lines",
        "where": {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["produce"]},
        "measure": "units",
        "cmp": "gte",
        "value": 1,
    },
    "then": [
        {
            "effect": "earn",
            "type": "POINTS",
            "formula": {"kind": "multiply", "factor": "2"},
            "where": {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["produce"]},
        }
    ],
}
BASKET = {
    "schema": "promo/1",
    "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"},
    "then": [
        {
            "effect": "earn",
            "type": "POINTS",
            "formula": {"kind": "fixed", "points": "25"},
            "activation": {"after_days": 14, "at": "start_of_day"},
        }
    ],
}
MORNING = {
    "schema": "promo/1",
    "schedule": {"weekdays": [2, 3], "times": [["07:00", "10:00"]]},
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "multiply", "factor": "1.5"}}],
}


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program(rules={"PRODUCE": DOUBLE_PRODUCE, "BASKET": BASKET, "MORNING": MORNING})
    factories.make_member(made, card=CARD)
    factories.make_location(made, "store-1")
    factories.make_product(made, "APPLE", category="produce")
    factories.make_product(made, "SOAP", category="household")
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def body(external_id: str = "R-1", **changes: Any) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "member": {"kind": "card", "value": CARD},
        "at": "2026-10-20T11:30:00+00:00",
        "currency": "USD",
        "store": "store-1",
        "till": "4",
        "lines": [
            {"sku": "APPLE", "qty": 3, "unit_price": "2.50"},
            {"sku": "SOAP", "qty": "1", "amount": "4.00"},
        ],
        **changes,
    }


def nothing_moved(shop: Shop) -> bool:
    with factories.entered(shop):
        return not (Purchase.objects.exists() or Entry.objects.exists() or Received.objects.exists())


class TestRecordTransaction:
    def test_answers_points_balance_and_reasons(self, shop):
        response = factories.client(shop, "purchases.write").post("/api/v1/transactions", body())

        assert response.status_code == 201
        answer = response.json()
        identity = answer["transaction"].pop("id")
        assert len(identity) == 36
        assert answer == {
            "transaction": {
                "external_id": "R-1",
                "source": "api",
                "at": "2026-10-20T11:30:00+00:00",
                "store": "store-1",
                "currency": "USD",
                "amount": "11.50",
            },
            "points": {"POINTS": "18"},
            "balance": {"POINTS": {"active": "18", "pending": "0", "reserved": "0", "debt": "0"}},
            "lines": [
                {"line_id": "1", "sku": "APPLE", "qty": "3", "amount": "7.50",
                 "base": {"POINTS": "7"}, "bonus": {"POINTS": "7"}},
                {"line_id": "2", "sku": "SOAP", "qty": "1", "amount": "4.00",
                 "base": {"POINTS": "4"}, "bonus": {"POINTS": "0"}},
            ],
            "applied": [
                {"rule": "BASE", "name": "Base", "points": {"POINTS": "11"},
                 "why": "11 points: 1 point for every full 1.00 USD on 11.50 USD"},
                {"rule": "PRODUCE", "name": "Produce", "points": {"POINTS": "7"},
                 "why": "Double points on 1 line: +7 points"},
            ],
            "not_applied": [
                {"rule": "BASKET", "name": "Basket", "reason": "when_false",
                 "why": "Not applied: the basket is 11.50 USD, at least 50.00 USD is needed"},
                {"rule": "MORNING", "name": "Morning", "reason": "outside_schedule",
                 "why": "Not applied: only on Tuesday and Wednesday 07:00–10:00"},
            ],
            "discount": "0.00",
            "discounts": [],
            "to_pay": "11.50",
            "vouchers": [],
            "messages": [],
            "print": [],
        }  # fmt: skip
        assert response["Request-Id"]
        assert response["Cache-Control"] == "no-store"
        assert "Idempotent-Replay" not in response

    def test_counts_points_that_cannot_be_spent_yet_as_pending(self, shop):
        response = factories.client(shop, "purchases.write").post(
            "/api/v1/transactions", body(lines=[{"sku": "SOAP", "qty": 2, "unit_price": "30.05", "discount": "0.10"}])
        )

        answer = response.json()
        assert answer["points"] == {"POINTS": "85"}
        assert answer["balance"] == {"POINTS": {"active": "60", "pending": "25", "reserved": "0", "debt": "0"}}
        assert [rule["why"] for rule in answer["applied"]] == [
            "60 points: 1 point for every full 1.00 USD on 60.00 USD",
            "25 points: a fixed number for this purchase",
        ]

    def test_an_article_that_the_catalog_does_not_know_is_refused_unless_the_program_takes_it(self, shop):
        api = factories.client(shop, "purchases.write")
        given = body(lines=[{"sku": "APPLE", "amount": "1.00"}, {"sku": "NEVER-SEEN", "unit_price": "9.99"}])

        refused = api.post("/api/v1/transactions", given)

        assert (refused.status_code, refused.json()["code"]) == (422, "activity.unknown_sku")
        assert refused.json()["errors"][0]["field"] == "lines.1.sku"
        assert nothing_moved(shop)
        with factories.entered(shop):
            Program.objects.update(settings={"unknown_articles": "accept"})
        taken = api.post("/api/v1/transactions", given)
        # Double points are for produce alone: nobody knows what the other article is.
        assert (taken.status_code, taken.json()["points"]) == (201, {"POINTS": "11"})

    def test_an_article_whose_categories_the_till_sends_needs_no_catalog(self, shop):
        response = factories.client(shop, "purchases.write").post(
            "/api/v1/transactions", body(lines=[{"sku": "NEW", "amount": "9.99", "categories": ["produce"]}])
        )

        assert (response.status_code, response.json()["points"]) == (201, {"POINTS": "18"})

    def test_speaks_the_language_that_was_asked_for(self, shop):
        api = factories.client(shop, "purchases.write")

        response = api.post("/api/v1/transactions", body(), HTTP_ACCEPT_LANGUAGE="pl")

        assert response["Content-Language"] == "pl"
        # Numbers follow the language whether or not a sentence has been translated.
        assert "11,50" in response.json()["applied"][0]["why"]

    def test_points_with_decimals_are_written_with_all_of_them(self):
        half = {"effect": "earn", "type": "MILES", "formula": {"kind": "rate", "points": "0.50", "per": "1.00"}}
        shop = factories.make_program(
            point_types=(("POINTS", 0), ("MILES", 2)), rules={"MILES": {"schema": "promo/1", "then": [half]}}
        )
        factories.make_member(shop, card=CARD)

        response = factories.client(shop, "purchases.write").post(
            "/api/v1/transactions", {**body(), "lines": [{"sku": "A", "amount": "3.00"}], "store": "none"}
        )
        assert response.json()["code"] == "activity.unknown_location"
        given = body(lines=[{"sku": "A", "amount": "3.00"}])
        del given["store"]
        answer = factories.client(shop, "purchases.write").post("/api/v1/transactions", given).json()

        assert answer["points"] == {"POINTS": "3", "MILES": "1.50"}
        assert answer["balance"]["MILES"]["active"] == "1.50"
        assert answer["applied"][1]["why"] == "1.5 miles: 0.5 miles for every full 1.00 USD on 3.00 USD"

    def test_the_source_is_the_partner_of_the_key(self, shop):
        partner = factories.make_partner(shop, "fresh")
        factories.make_location(shop, "fresh-1", partner_id=partner)
        api = factories.client(shop, "purchases.write", "members.read", partner_id=partner)

        answer = api.post("/api/v1/transactions", body(store="fresh-1")).json()

        assert answer["transaction"]["source"] == "fresh"
        assert api.get("/api/v1/transactions/R-1").status_code == 200
        assert factories.client(shop, "members.read").get("/api/v1/transactions/R-1").status_code == 404

    def test_a_partner_does_not_speak_for_the_store_of_another(self, shop):
        fresh, other = factories.make_partner(shop, "fresh"), factories.make_partner(shop, "other")
        factories.make_location(shop, "other-1", partner_id=other)

        response = factories.client(shop, "purchases.write", partner_id=fresh).post(
            "/api/v1/transactions", body(store="other-1")
        )

        assert (response.status_code, response.json()["code"]) == (422, "activity.unknown_location")
        assert nothing_moved(shop)


class TestRepeat:
    def test_gets_the_first_answer_again(self, shop):
        api = factories.client(shop, "purchases.write")
        first = api.post("/api/v1/transactions", body())
        api.post("/api/v1/transactions", body("R-2"))

        again = api.post("/api/v1/transactions", body())

        assert again["Idempotent-Replay"] == "true"
        assert (again.status_code, again.content) == (first.status_code, first.content)
        with factories.entered(shop):
            assert Purchase.objects.count() == 2

    def test_the_order_of_fields_does_not_matter(self, shop):
        api = factories.client(shop, "purchases.write")
        api.post("/api/v1/transactions", body())

        again = api.post("/api/v1/transactions", dict(reversed(body().items())))

        assert again["Idempotent-Replay"] == "true"

    def test_with_another_body_is_refused(self, shop):
        api = factories.client(shop, "purchases.write")
        api.post("/api/v1/transactions", body())

        other = api.post("/api/v1/transactions", body(till="5"))

        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        with factories.entered(shop):
            assert Purchase.objects.get().till == "4"
            assert Entry.objects.count() == 1


class TestRefusals:
    """Nothing moves, and the answer alone tells what is wrong."""

    @pytest.mark.parametrize(
        ("field", "code", "changes"),
        [
            ("lines.0.qty", "out_of_range", {"lines": [{"sku": "A", "qty": "-1", "unit_price": "1.00"}]}),
            ("lines.0.qty", "out_of_range", {"lines": [{"sku": "A", "qty": -1, "unit_price": "1.00"}]}),
            ("lines.0.qty", "too_many_decimals", {"lines": [{"sku": "A", "qty": "0.1234", "unit_price": "1.00"}]}),
            ("lines.0.qty", "out_of_range", {"lines": [{"sku": "A", "qty": "1000001", "unit_price": "1.00"}]}),
            ("lines.0.qty", "not_a_number", {"lines": [{"sku": "A", "qty": "NaN", "unit_price": "1.00"}]}),
            ("lines.0.unit_price", "too_many_decimals", {"lines": [{"sku": "A", "unit_price": "1.001"}]}),
            ("lines.0.unit_price", "out_of_range", {"lines": [{"sku": "A", "unit_price": "-1.00"}]}),
            ("lines.0.unit_price", "not_a_number", {"lines": [{"sku": "A", "unit_price": "Infinity"}]}),
            ("lines.0.unit_price", "not_a_number", {"lines": [{"sku": "A", "unit_price": 1.5}]}),
            ("lines.0.unit_price", "not_a_number", {"lines": [{"sku": "A", "unit_price": "1e3"}]}),
            ("lines.0.unit_price", "required", {"lines": [{"sku": "A"}]}),
            ("lines.0.line_id", "too_long", {"lines": [{"sku": "A", "amount": "1", "line_id": "x" * 41}]}),
            ("lines", "line_id_twice", {"lines": [{"sku": "A", "amount": "1", "line_id": "2"}, {"sku": "A", "amount": "1"}]}),
            ("lines", "required", {"lines": []}),
            ("lines.0.price", "unknown_field", {"lines": [{"sku": "A", "amount": "1.00", "price": "1.00"}]}),
            ("partner", "unknown_field", {"partner": "X"}),
            ("at", "not_an_instant", {"at": "2026-10-20T11:30:00"}),
            ("at", "not_an_instant", {"at": "yesterday"}),
            ("currency", "invalid", {"currency": "usd"}),
            ("external_id", "required", {"external_id": None}),
            ("external_id", "too_long", {"external_id": "x" * 121}),
            ("member.kind", "not_a_choice", {"member": {"kind": "passport", "value": "1"}}),
            ("basket_discount", "out_of_range", {"basket_discount": "100.00"}),
            ("paid_with_points", "out_of_range", {"paid_with_points": "100.00"}),
            ("attributes", "out_of_range", {"attributes": {"a": ["b"]}}),
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_named(self, shop, field, code, changes):
        response = factories.client(shop, "purchases.write").post("/api/v1/transactions", body(**changes))

        assert response.status_code == 400, response.content
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "malformed"
        assert (field, code) in {(one["field"], one["code"]) for one in response.json()["errors"]}
        assert nothing_moved(shop)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b'{"external_id": ', "not_json"),
            (b"\xff\xfe\x00", "not_json"),
            (b'{"external_id": NaN}', "not_a_number"),
            (b'{"external_id": "1", "external_id": "2"}', "duplicate_key"),
            (b'{"external_id": "\\ud800"}', "not_a_text"),
            (b'{"external_id": "a\\u0000b"}', "not_a_text"),
            (b"[" * 13 + b"]" * 13, "too_deep"),
            (b"[" * 100_000, "not_json"),
            (b'"' + b"x" * 1_048_577 + b'"', "too_large"),
        ],
    )
    def test_a_body_that_is_not_json(self, shop, content, code):
        response = factories.client(shop, "purchases.write").generic(
            "POST", "/api/v1/transactions", content, content_type="application/json"
        )

        assert (response.status_code, response.json()["code"]) == (400, code)
        assert nothing_moved(shop)

    @pytest.mark.parametrize(
        ("status", "code", "changes"),
        [
            (422, "activity.in_the_future", {"at": (NOON + timedelta(minutes=6)).isoformat()}),
            (422, "activity.too_late", {"at": (NOON - timedelta(days=31)).isoformat()}),
            (422, "activity.unknown_location", {"store": "store-9"}),
            (422, "activity.currency", {"currency": "EUR"}),
            (404, "members.unknown", {"member": {"kind": "card", "value": "4539578763621486"}}),
        ],
    )
    def test_what_the_program_does_not_accept(self, shop, status, code, changes):
        response = factories.client(shop, "purchases.write").post("/api/v1/transactions", body(**changes))

        assert (response.status_code, response.json()["code"]) == (status, code)
        assert nothing_moved(shop)

    def test_a_clock_a_little_ahead_is_set_right(self, shop):
        ahead = (NOON + timedelta(minutes=4)).isoformat()

        response = factories.client(shop, "purchases.write").post("/api/v1/transactions", body(at=ahead))

        assert response.json()["transaction"]["at"] == "2026-10-20T12:00:00+00:00"

    def test_a_card_of_another_program_answers_like_one_that_does_not_exist(self, shop):
        other = factories.make_program("OTHER")
        factories.make_member(other, card="4539578763621486")
        api = factories.client(shop, "purchases.write")

        foreign = api.post("/api/v1/transactions", body(member={"kind": "card", "value": "4539578763621486"}))
        unknown = api.post("/api/v1/transactions", body(member={"kind": "card", "value": "9616001000000005"}))

        assert (foreign.status_code, foreign.content) == (404, unknown.content)
        assert nothing_moved(shop)
        assert nothing_moved(other)

    def test_a_key_of_another_program_sees_nothing_of_this_one(self, shop):
        factories.client(shop, "purchases.write").post("/api/v1/transactions", body())
        other = factories.make_program("OTHER")
        api = factories.client(other, "purchases.write", "members.read")

        assert api.get("/api/v1/transactions/R-1").status_code == 404
        assert api.post("/api/v1/transactions", body("R-2", store=None)).status_code == 400
        given = body("R-2")
        del given["store"]
        assert api.post("/api/v1/transactions", given).status_code == 404
        assert nothing_moved(other)


class TestGetTransaction:
    def test_tells_the_purchase_and_what_came_back_of_it(self, shop):
        api = factories.client(shop, "purchases.write", "members.read")
        posted = api.post("/api/v1/transactions", body("FV/2026/10/0012")).json()
        returned = {"external_id": "RET-1", "lines": [{"line_id": "1", "qty": 1}]}
        api.post("/api/v1/transactions/FV/2026/10/0012/returns", returned)

        answer = api.get("/api/v1/transactions/FV/2026/10/0012").json()

        (back,) = answer.pop("returns")
        assert answer == posted
        assert (back["external_id"], back["state"], back["amount"]) == ("RET-1", "applied", "2.50")
        assert back["points"] == {"POINTS": "4"}

    def test_an_unknown_number_is_not_found(self, shop):
        response = factories.client(shop, "members.read").get("/api/v1/transactions/R-404")

        assert (response.status_code, response.json()["code"]) == (404, "not_found")
