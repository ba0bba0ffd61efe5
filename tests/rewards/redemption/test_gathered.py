"""Redemptions of requests that come at the same time: fewer transactions, the same answers, nothing twice."""

from hashlib import sha256
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings

from loyalty.kernel.api.idempotency import _lock_number
from loyalty.kernel.models import ApiKey, AuditRecord, OutboxEvent, StoredAnswer
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations as ledger
from members.ledger.models import Wallet
from members.profiles.models import Member, MemberStatus
from rewards.redemption.models import Redemption
from tests import factories
from tests.factories import NOON, Shop
from tests.rewards.redemption.room import add_reward, entered, open_shop, send_at_once, state, transactions, wanted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def token(shop: Shop) -> str:
    return factories.make_key(shop, "redemptions.write")


def statuses(answers: list[Any]) -> list[int]:
    return [one.status_code for one in answers]


def codes(answers: list[Any]) -> list[str]:
    return [one.json().get("code", "") for one in answers]


def active(answer: Any) -> str:
    return str(answer.json()["balance"]["POINTS"]["active"])


def test_at_once_they_share_transactions_and_are_answered_as_each_would_be(shop, token):
    pairs = [(f"k-{number}", wanted(number % 4)) for number in range(8)]
    answers = send_at_once(token, pairs)
    assert statuses(answers) == [201] * 8
    # Of the two of each member one saw what the other had left.
    for number in range(4):
        assert sorted(active(answers[place]) for place in (number, number + 4)) == ["30.0", "40.0"]
    with entered(shop):
        rows = {str(row.public_id): row for row in Redemption.objects.select_related("member")}
        assert transactions() < 8
    for place, answer in enumerate(answers):
        told = answer.json()
        row = rows.pop(told["id"])
        assert (row.code, row.price, row.member.number, row.channel) == (told["code"], 100, f"M{place % 4}", "api")
        assert {name: told[name] for name in told if name not in {"id", "code", "balance"}} == {
            "reward": "MUG", "quantity": 1, "type": "POINTS", "price": "10.0", "state": "issued",
            "redeemed_at": "2026-10-20T12:00:00Z", "canceled_at": None, "reason": "",
        }  # fmt: skip
    again = send_at_once(token, pairs)
    assert [one.content for one in again] == [one.content for one in answers]
    assert [one["Idempotent-Replay"] for one in again] == ["true"] * 8
    assert state(shop) == ([300] * 4, None, 8)


def test_one_that_is_refused_keeps_no_other_back(shop, token):
    add_reward(shop, "DEAR", price=501)
    add_reward(shop, "GONE", stock=0)
    add_reward(shop, "OVER", ends_at=NOON)
    add_reward(shop, "HONOR", point_type_id=shop.point_types["STATUS"])
    with entered(shop):
        Member.objects.filter(number="M3").update(status=MemberStatus.BLOCKED)
    unknown = {**wanted(0), "member": {"kind": "card", "value": "9616001000000005"}}
    bodies = [
        wanted(0), wanted(1, "DEAR"), wanted(1), wanted(0, "GONE"), wanted(2, "OVER"), wanted(2), wanted(0, "HONOR"),
        wanted(3), unknown, wanted(0, "NOTHING"),
    ]  # fmt: skip
    pairs = [(f"k-{number}", body) for number, body in enumerate(bodies)]
    answers = send_at_once(token, pairs)
    assert statuses(answers) == [201, 409, 201, 409, 409, 201, 422, 409, 404, 404]
    refused = {place: code for place, code in enumerate(codes(answers)) if statuses(answers)[place] != 201}
    assert refused == {
        1: "ledger.insufficient_points", 3: "rewards.unavailable", 4: "rewards.unavailable", 6: "rewards.not_spendable",
        7: "rewards.member_inactive", 8: "members.unknown", 9: "not_found",
    }  # fmt: skip
    assert {answers[place]["Content-Type"] for place in refused} == {"application/problem+json"}
    assert state(shop) == ([400, 400, 400, 500], None, 3)
    # A refusal is an answer: whatever has changed since, the same request gets it again.
    with entered(shop):
        Member.objects.update(status=MemberStatus.ACTIVE)
    again = send_at_once(token, pairs)
    assert [(one.status_code, one.content) for one in again] == [(one.status_code, one.content) for one in answers]
    assert state(shop) == ([400, 400, 400, 500], None, 3)


def test_of_the_last_units_no_more_are_given_than_there_are(shop, token):
    add_reward(shop, "CUP", stock=3)
    answers = send_at_once(token, [(f"k-{number}", wanted(number % 4, "CUP")) for number in range(8)])
    assert sorted(statuses(answers)) == [201] * 3 + [409] * 5
    assert {one for one in codes(answers) if "." in one} == {"rewards.unavailable"}
    points, stock, count = state(shop, "CUP")
    assert (sum(points), stock, count) == (1700, 0, 3)


def test_of_the_last_points_no_more_are_spent_than_there_are(shop, token):
    add_reward(shop, "CUP", price=200)
    answers = send_at_once(token, [(f"k-{number}", wanted(1, "CUP")) for number in range(6)])
    assert sorted(statuses(answers)) == [201, 201, 409, 409, 409, 409]
    assert sorted(active(one) for one in answers if one.status_code == 201) == ["10.0", "30.0"]
    assert {one for one in codes(answers) if "." in one} == {"ledger.insufficient_points"}
    assert state(shop) == ([500, 100, 500, 500], None, 2)


def test_the_same_request_several_times_at_once_is_one(shop, token):
    answers = send_at_once(token, [("k", wanted(1))] * 6)
    assert statuses(answers) == [201] * 6
    assert len({one.content for one in answers}) == 1
    assert sorted(one.get("Idempotent-Replay", "") for one in answers) == ["", *["true"] * 5]
    assert state(shop) == ([500, 400, 500, 500], None, 1)


def test_a_key_that_comes_with_two_bodies_at_once_is_of_the_first(shop, token):
    pairs = [("k-0", wanted(0)), ("k-1", wanted(1)), ("k-1", wanted(1, quantity=2)), ("k-2", wanted(2))]
    answers = send_at_once(token, pairs)
    assert (answers[0].status_code, answers[3].status_code) == (201, 201)
    assert sorted(statuses(answers[1:3])) == [201, 422]
    assert "idempotency_mismatch" in codes(answers[1:3])
    points, _stock, count = state(shop)
    assert (points[1] in (400, 300), count) == (True, 3)


def test_who_is_told_to_wait_keeps_no_other_waiting(shop, token):
    with entered(shop):
        number = _lock_number(f"{ApiKey.objects.get().pk}:k-2")
    first = connections.create_connection("default")
    try:
        with first.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
        answers = send_at_once(token, [(f"k-{number}", wanted(number)) for number in range(4)])
        assert statuses(answers) == [201, 201, 409, 201]
        assert (answers[2].json()["code"], answers[2]["Retry-After"]) == ("still_running", "1")
    finally:
        # Unlocked by word: a closed connection may keep its locks for a moment.
        with first.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        first.close()
    assert state(shop) == ([400, 400, 500, 400], None, 3)
    assert statuses(send_at_once(token, [("k-2", wanted(2))])) == [201]


def test_what_broke_off_before_its_answer_is_answered_by_the_repeat(shop, token):
    answer = send_at_once(token, [("k", wanted(0))])[0]
    with entered(shop):
        StoredAnswer.objects.update(status=0, body="")
    again = send_at_once(token, [("k", wanted(0)), ("k-1", wanted(1))])
    assert statuses(again) == [201, 201]
    assert (again[0].content, "Idempotent-Replay" in again[0]) == (answer.content, False)
    with entered(shop):
        assert list(StoredAnswer.objects.order_by("key").values_list("key", "status")) == [("k", 201), ("k-1", 201)]
    assert state(shop) == ([400, 400, 500, 500], None, 2)


def test_what_breaks_one_breaks_no_other(shop, token):
    with entered(shop), unit_of_work():
        # An entry with the key that the third request will want.
        wallet = Wallet.objects.filter(active__gt=0).last()
        key = ApiKey.objects.get().pk
        taken = "redemption:api:" + _request_key(key, "k-2")
        ledger.spend(wallet.pk, 1, cause=ledger.Cause("redemption", None, taken), at=NOON)
    answers = send_at_once(token, [(f"k-{number}", wanted(number % 2)) for number in range(6)])
    assert statuses(answers) == [201, 201, 500, 201, 201, 201]
    with entered(shop):
        assert not StoredAnswer.objects.filter(key="k-2").exists()
    points, _stock, count = state(shop)
    assert (sum(points), count) == (2000 - 1 - 500, 5)


def _request_key(api_key_id: int, key: str) -> str:
    return f"{api_key_id}:{sha256(key.encode()).hexdigest()[:40]}"


def test_each_deed_and_event_has_the_trace_and_the_address_of_its_own_request(shop, token):
    answers = send_at_once(token, [(f"k-{number}", wanted(number % 4)) for number in range(6)])
    origins = {one.json()["code"]: (one["Request-Id"], f"10.0.0.{place + 1}") for place, one in enumerate(answers)}
    with entered(shop):
        names = dict(Redemption.objects.values_list("pk", "code"))
        deeds = AuditRecord.objects.filter(action="reward.redeemed")
        found = {row.object_label: (row.trace_id, row.address) for row in deeds}
        assert found == origins
        assert {(row.object_kind, row.actor_kind, row.reason) for row in deeds} == {
            ("rewards_redemption.redemption", "key", "")
        }
        assert [row.changes for row in deeds] == [{"price": [0, 100]}] * 6
        assert {names[int(row.object_id)] for row in deeds} == set(names.values())
        events = OutboxEvent.objects.filter(type="reward.redeemed")
        assert {names[row.subject_id]: row.trace_id for row in events} == {
            code: trace for code, (trace, _address) in origins.items()
        }


def test_switched_off_each_is_made_by_itself(shop, token):
    with override_settings(RECORDED_TOGETHER=1):
        answers = send_at_once(token, [(f"k-{number}", wanted(number)) for number in range(4)])
    assert statuses(answers) == [201] * 4
    with entered(shop):
        assert transactions() == 4


def test_of_two_keys_each_has_its_own(shop):
    tokens = [factories.make_key(shop, "redemptions.write") for _ in range(2)]
    answers = [send_at_once(token, [("k", wanted(0)), ("k-1", wanted(1))]) for token in tokens]
    assert [statuses(one) for one in answers] == [[201, 201], [201, 201]]
    assert not [one for each in answers for one in each if "Idempotent-Replay" in one]
    assert state(shop) == ([300, 300, 500, 500], None, 4)
