"""Purchases and returns of requests that come at the same time: fewer transactions, the same answers."""

from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from rest_framework.test import APIClient

from loyalty.kernel import clock, scope
from loyalty.kernel.models import OutboxEvent
from members.activity import services
from members.activity.models import Purchase, Return
from members.ledger import invariants
from tests import factories
from tests.factories import NOON, Shop
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)

CARDS = ["79927398713", "4532015112830366", "4556737586899855", "4916338506082832"]
PATH = "/api/v1/transactions"


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    for number, card in enumerate(CARDS):
        factories.make_member(made, number=f"M{number}", card=card)
    return made


def sale(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "external_id": f"R-{number}",
        "member": {"kind": "card", "value": CARDS[number % len(CARDS)]},
        "at": "2026-10-20T11:30:00Z",
        "currency": "USD",
        "lines": [{"sku": "A", "amount": f"{10 + number}.00"}],
        **changes,
    }


def send_at_once(token: str, pairs: list[tuple[str, Any]], *, before: str) -> list[Any]:
    """Send each body to its path in a thread of its own, all with one key; the first group waits until others came."""

    def act(number: int) -> Any:
        client = APIClient()
        client.default_format = "json"
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        with clock.fixed(NOON):
            return client.post(*pairs[number])

    return race(act, times=len(pairs), pause_before=(services, before))


def transactions_of(model: type[Purchase] | type[Return]) -> int:
    """How many transactions of the database wrote the rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT xmin::text) FROM {model._meta.db_table}")
        return int(cursor.fetchone()[0])


def entered(shop: Shop) -> Any:
    return scope.enter([shop.program_id], scope.SYSTEM)


def assert_books_hold(shop: Shop) -> None:
    with entered(shop):
        assert not list(invariants.check("default"))


def test_purchases_at_once_share_transactions_and_are_answered_as_each_would_be(shop):
    token = factories.make_key(shop, "purchases.write")
    pairs = [(PATH, sale(number)) for number in range(8)]
    answers = send_at_once(token, pairs, before="record_purchases")
    assert [one.status_code for one in answers] == [201] * 8
    assert [one.json()["points"] for one in answers] == [{"POINTS": str(10 + number)} for number in range(8)]
    with entered(shop):
        assert Purchase.objects.count() == 8
        assert transactions_of(Purchase) < 8
    again = send_at_once(token, pairs, before="record_purchases")
    assert [one.json() for one in again] == [one.json() for one in answers]
    assert [one["Idempotent-Replay"] for one in again] == ["true"] * 8
    assert_books_hold(shop)


def test_one_that_is_refused_keeps_no_other_back(shop):
    token = factories.make_key(shop, "purchases.write")
    pairs = [(PATH, sale(number)) for number in range(6)]
    pairs[2] = (PATH, sale(2, at="2026-10-20T23:30:00Z"))
    pairs[4] = (PATH, sale(4, store="nowhere"))
    answers = send_at_once(token, pairs, before="record_purchases")
    assert [one.status_code for one in answers] == [201, 201, 422, 201, 422, 201]
    assert answers[2].json()["errors"][0]["field"] == "at"
    assert answers[4].json()["errors"][0]["field"] == "store"
    with entered(shop):
        assert Purchase.objects.count() == 4
    assert_books_hold(shop)


def test_the_same_purchase_several_times_at_once_is_one(shop):
    token = factories.make_key(shop, "purchases.write")
    answers = send_at_once(token, [(PATH, sale(1))] * 5, before="record_purchases")
    assert [one.status_code for one in answers] == [201] * 5
    assert len({one.content for one in answers}) == 1
    with entered(shop):
        assert Purchase.objects.count() == 1


def test_each_event_has_the_trace_of_its_own_request(shop):
    token = factories.make_key(shop, "purchases.write")
    answers = send_at_once(token, [(PATH, sale(number)) for number in range(6)], before="record_purchases")
    traces = {one.json()["transaction"]["external_id"]: one["Request-Id"] for one in answers}
    with entered(shop):
        names = dict(Purchase.objects.values_list("pk", "external_id"))
        events = OutboxEvent.objects.filter(type="purchase.recorded").values_list("subject_id", "trace_id")
        assert {names[key]: trace for key, trace in events} == traces


def test_returns_at_once_share_transactions_and_two_of_one_purchase_take_turns(shop):
    token = factories.make_key(shop, "purchases.write")
    send_at_once(token, [(PATH, sale(number)) for number in range(4)], before="record_purchases")
    whole = [{"line_id": "1", "qty": "1"}]
    pairs = [
        (f"{PATH}/R-{number}/returns", {"external_id": f"B-{place}", "at": "2026-10-20T11:40:00Z", "lines": whole})
        for place, number in enumerate([0, 1, 2, 3, 3, 9])
    ]
    answers = send_at_once(token, pairs, before="record_returns")
    statuses = [one.status_code for one in answers]
    assert (statuses[:3], sorted(statuses[3:5]), statuses[5]) == ([201] * 3, [201, 422], 202)
    assert [one.json()["reversed"] for one in answers[:3]] == [{"POINTS": str(10 + number)} for number in range(3)]
    with entered(shop):
        assert Return.objects.count() == 5
        assert transactions_of(Return) < 5
    assert_books_hold(shop)


def test_switched_off_each_is_recorded_by_itself(shop):
    token = factories.make_key(shop, "purchases.write")
    with override_settings(RECORDED_TOGETHER=1):
        answers = send_at_once(token, [(PATH, sale(number)) for number in range(4)], before="record_purchases")
    assert [one.status_code for one in answers] == [201] * 4
    with entered(shop):
        assert transactions_of(Purchase) == 4
