"""Whatever a till sends wrong: the right status, a sentence that says what to do in the reader's language, the place of
the fault, and nothing changed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import OutboxEvent
from members.activity.models import Purchase, Received, Return
from members.ledger.models import Entry, Wallet
from rewards.redemption.models import Redemption
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"
SCOPES = ("purchases.write", "members.read", "adjustments.write", "redemptions.write", "members.write")
LANGUAGES = ("en", "pl", "ru")


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    factories.make_location(made, "store-1")
    factories.make_product(made, "APPLE", category="produce")
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def receipt(**changes: Any) -> dict[str, Any]:
    return {
        "external_id": "R-1",
        "member": {"kind": "card", "value": CARD},
        "at": "2026-10-20T11:30:00+00:00",
        "currency": "USD",
        "store": "store-1",
        "lines": [{"sku": "APPLE", "qty": 3, "unit_price": "2.50"}],
        **changes,
    }


def line(**changes: Any) -> dict[str, Any]:
    return receipt(lines=[{"sku": "APPLE", "unit_price": "1.00"}, {"sku": "APPLE", "unit_price": "1.00", **changes}])


def state_of(shop: Shop) -> tuple[Any, ...]:
    """Everything that a refusal must leave as it was."""
    with factories.entered(shop):
        counted = (Purchase, Return, Received, Entry, Redemption, OutboxEvent)
        wallets = tuple(Wallet.objects.order_by("pk").values_list("active", "debt", "version"))
        return (*(model.objects.count() for model in counted), wallets)


def correction(**changes: Any) -> dict[str, Any]:
    given = {"member": {"kind": "card", "value": CARD}, "type": "POINTS", "points": "5", "reason": "GOODWILL"}
    return {**given, **changes}


# What is sent, where, and what must come of it: status, code, and the field and code that the errors name.
PURCHASES = "/api/v1/transactions"
CORRECTIONS = "/api/v1/adjustments"
CASES: Mapping[str, tuple[str, dict[str, Any], int, str, tuple[str, str] | None]] = {
    "an article that nobody knows": (
        PURCHASES, line(sku="NOPE"), 422, "activity.unknown_sku", ("lines.1.sku", "activity.unknown_sku")),
    "a card that nobody knows": (
        PURCHASES, receipt(member={"kind": "card", "value": "0"}), 404, "members.unknown", None),
    "a kind of identifier that nobody knows": (
        PURCHASES, receipt(member={"kind": "ring", "value": "1"}), 400, "malformed", ("member.kind", "not_a_choice")),
    "a store that nobody knows": (
        PURCHASES, receipt(store="store-9"), 422, "activity.unknown_location", ("store", "activity.unknown_location")),
    "a till that is no text": (
        PURCHASES, receipt(till=["4"]), 400, "malformed", ("till", "invalid")),
    "a till whose name is too long": (
        PURCHASES, receipt(till="x" * 41), 400, "malformed", ("till", "too_long")),
    "another currency": (
        PURCHASES, receipt(currency="EUR"), 422, "activity.currency", ("currency", "activity.currency")),
    "a currency that is none": (
        PURCHASES, receipt(currency="usd"), 400, "malformed", ("currency", "invalid")),
    "a negative quantity": (
        PURCHASES, line(qty="-1"), 400, "malformed", ("lines.1.qty", "out_of_range")),
    "an amount with too many decimals": (
        PURCHASES, line(unit_price="1.005"), 400, "malformed", ("lines.1.unit_price", "too_many_decimals")),
    "an amount below zero": (
        PURCHASES, line(unit_price="-1.00"), 400, "malformed", ("lines.1.unit_price", "out_of_range")),
    "a purchase in the future": (
        PURCHASES, receipt(at=(NOON + timedelta(hours=1)).isoformat()), 422, "activity.in_the_future",
        ("at", "activity.in_the_future")),
    "a purchase of long ago": (
        PURCHASES, receipt(at=(NOON - timedelta(days=31)).isoformat()), 422, "activity.too_late",
        ("at", "activity.too_late")),
    "a time without its offset": (
        PURCHASES, receipt(at="2026-10-20T11:30:00"), 400, "malformed", ("at", "not_an_instant")),
    "a field that nobody knows": (
        PURCHASES, line(price="1.00"), 400, "malformed", ("lines.1.price", "unknown_field")),
    "points that are not there": (
        CORRECTIONS, correction(points="-5"), 409, "ledger.insufficient_points", None),
    "a correction with too many decimals": (
        CORRECTIONS, correction(points="0.5"), 400, "malformed", ("points", "too_many_decimals")),
    "a point type that nobody knows": (
        CORRECTIONS, correction(type="MILES"), 400, "malformed", ("type", "not_a_choice")),
    "a reason that nobody knows": (
        CORRECTIONS, correction(reason="BECAUSE"), 400, "malformed", ("reason", "not_a_choice")),
    "a correction of nobody": (
        CORRECTIONS, correction(member={"kind": "email", "value": "x@y.zz"}), 404, "members.unknown", None),
}  # fmt: skip


def checked(response: Any, status: int, code: str, error: tuple[str, str] | None) -> str:
    """The sentence of a problem that is what it must be."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"/api/v1/problems/{code}"
    assert problem["detail"] != code, "the code has no words"
    if error is None:
        return str(problem["detail"])
    named = [one for one in problem["errors"] if (one["field"], one["code"]) == error]
    assert len(named) == 1, problem["errors"]
    assert named[0]["detail"] not in {"", error[1]}
    return str(named[0]["detail"])


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said_in_the_readers_language_and_changes_nothing(shop, case):
    address, content, status, code, error = CASES[case]
    api = factories.client(shop, *SCOPES)
    before = state_of(shop)

    said = {
        language: checked(
            api.post(address, content, HTTP_ACCEPT_LANGUAGE=language, HTTP_IDEMPOTENCY_KEY=f"k-{language}"),
            status, code, error,
        )
        for language in LANGUAGES
    }  # fmt: skip

    assert len(set(said.values())) == len(LANGUAGES), said
    assert state_of(shop) == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"external_id": ', "not_json"),
        (b'{"external_id": "1", "external_id": "2"}', "duplicate_key"),
        (b"[" * 13 + b"]" * 13, "too_deep"),
        (b'"' + b"x" * 1_048_577 + b'"', "too_large"),
        (b'{"external_id": NaN}', "not_a_number"),
    ],
)
def test_a_body_that_is_not_json(shop, content, code):
    api = factories.client(shop, *SCOPES)
    before = state_of(shop)

    said = {
        checked(
            api.generic("POST", PURCHASES, content, content_type="application/json", HTTP_ACCEPT_LANGUAGE=language),
            400, code, None,
        )
        for language in LANGUAGES
    }  # fmt: skip

    assert len(said) == len(LANGUAGES)
    assert state_of(shop) == before


@pytest.mark.parametrize(
    ("status", "code", "request_of"),
    [
        (401, "not_authenticated", {"HTTP_AUTHORIZATION": ""}),
        (401, "key_refused", {"HTTP_AUTHORIZATION": "Bearer lk_nothing"}),
        (406, "not_acceptable", {"HTTP_ACCEPT": "application/xml"}),
        (415, "unsupported_media_type", {"content_type": "text/xml"}),
    ],
)
def test_a_request_that_cannot_be_taken_at_all(shop, status, code, request_of):
    api = factories.client(shop, *SCOPES)
    sent = {"content_type": "application/json", **request_of}
    if "HTTP_AUTHORIZATION" in sent:
        api.credentials(HTTP_AUTHORIZATION=sent.pop("HTTP_AUTHORIZATION"))

    said = {
        checked(api.generic("POST", PURCHASES, b"{}", HTTP_ACCEPT_LANGUAGE=language, **sent), status, code, None)
        for language in LANGUAGES
    }

    assert len(said) == len(LANGUAGES)


def test_an_unknown_kind_is_told_the_known_ones(shop):
    response = factories.client(shop, *SCOPES).post(PURCHASES, receipt(member={"kind": "ring", "value": "1"}))

    assert response.json()["errors"] == [
        {
            "field": "member.kind",
            "code": "not_a_choice",
            "detail": "“ring” is not known here. Known are: card, virtual_card, external, phone, email, member, id.",
        }
    ]


class TestOnce:
    def test_the_same_receipt_twice_counts_once(self, shop):
        api = factories.client(shop, *SCOPES)
        first = api.post(PURCHASES, receipt())
        before = state_of(shop)

        again = api.post(PURCHASES, receipt())

        assert (again.status_code, again.content, again["Idempotent-Replay"]) == (201, first.content, "true")
        assert state_of(shop) == before

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_same_receipt_with_another_body_is_refused(self, shop, language):
        api = factories.client(shop, *SCOPES)
        api.post(PURCHASES, receipt())
        before = state_of(shop)

        other = api.post(PURCHASES, receipt(till="9"), HTTP_ACCEPT_LANGUAGE=language)

        checked(other, 422, "idempotency_mismatch", None)
        assert state_of(shop) == before

    def test_the_same_key_with_another_body_is_refused(self, shop):
        api = factories.client(shop, *SCOPES)
        done = api.post(CORRECTIONS, correction(), HTTP_IDEMPOTENCY_KEY="k")
        assert done.status_code == 201
        before = state_of(shop)

        other = api.post(CORRECTIONS, correction(points="6"), HTTP_IDEMPOTENCY_KEY="k")

        checked(other, 422, "idempotency_mismatch", None)
        assert state_of(shop) == before

    def test_a_write_without_its_key_is_refused(self, shop):
        before = state_of(shop)

        response = factories.client(shop, *SCOPES).post(CORRECTIONS, correction())

        checked(response, 400, "malformed", ("Idempotency-Key", "required"))
        assert state_of(shop) == before


class TestReturns:
    @pytest.mark.parametrize(
        ("lines", "status", "code", "error"),
        [
            ([{"line_id": "1", "qty": 1}, {"line_id": "1", "qty": 3}], 422, "activity.return_beyond_purchase",
             ("lines.0.qty", "activity.return_beyond_purchase")),
            ([{"line_id": "1", "qty": 4}], 422, "activity.return_beyond_purchase",
             ("lines.0.qty", "activity.return_beyond_purchase")),
            ([{"line_id": "1", "qty": 1}, {"line_id": "7", "qty": 1}], 422, "activity.unknown_line",
             ("lines.1.line_id", "activity.unknown_line")),
            ([{"line_id": "1", "qty": "-1"}], 400, "malformed", ("lines.0.qty", "out_of_range")),
            ([{"line_id": "1", "qty": 0}], 400, "malformed", ("lines", "out_of_range")),
            ([], 400, "malformed", ("lines", "required")),
        ],
    )  # fmt: skip
    def test_more_than_was_bought_moves_nothing(self, shop, lines, status, code, error):
        api = factories.client(shop, *SCOPES)
        api.post(PURCHASES, receipt())
        before = state_of(shop)

        said = {
            checked(
                api.post(
                    f"{PURCHASES}/R-1/returns",
                    {"external_id": f"RET-{language}", "lines": lines},
                    HTTP_ACCEPT_LANGUAGE=language,
                ),
                status, code, error,
            )
            for language in LANGUAGES
        }  # fmt: skip

        assert len(said) == len(LANGUAGES)
        assert state_of(shop) == before
