"""Serializers whose fields are built once say the same as those that are built for a request."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from loyalty.kernel.api.serializers import accept, represent
from members.ledger.serializers import BalanceQuerySerializer
from rewards.redemption.serializers import RedemptionInputSerializer, RedemptionSerializer

MEMBER = {"kind": "card", "value": "79927398713"}
DOCUMENT: dict[str, Any] = {
    "id": "0198a5b6-0000-7000-8000-000000000000", "code": "ABC", "reward": "MUG", "quantity": 2, "type": "POINTS",
    "price": "60", "state": "issued", "redeemed_at": datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC),
    "canceled_at": None, "reason": "",
    "balance": {"POINTS": {"active": "1", "pending": "0", "reserved": "0", "debt": "0"}},
}  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        None, [], "text", {}, {"member": None, "reward": "MUG"}, {"member": MEMBER, "reward": ""},
        {"member": MEMBER, "reward": "MUG", "quantity": 0}, {"member": MEMBER, "reward": "M" * 33, "more": 1},
        {"member": {"kind": "shoe"}, "reward": "MUG"}, {"member": MEMBER, "reward": "MUG", "quantity": "x"},
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_in_the_same_words(data):
    with pytest.raises(ValidationError) as usual:
        RedemptionInputSerializer(data=data).is_valid(raise_exception=True)

    with pytest.raises(ValidationError) as kept:
        accept(RedemptionInputSerializer, data)

    assert kept.value.get_full_details() == usual.value.get_full_details()


@pytest.mark.parametrize("quantity", [{}, {"quantity": 3}, {"quantity": "3"}])
def test_what_is_taken_is_the_same(quantity):
    data = {"member": MEMBER, "reward": "MUG", **quantity}
    usual = RedemptionInputSerializer(data=data)
    assert usual.is_valid()

    assert accept(RedemptionInputSerializer, data) == usual.validated_data


def test_nothing_of_one_request_is_in_the_next():
    instant = "2026-01-02T03:04:05+00:00"

    first = accept(BalanceQuerySerializer, {"as_of": instant})
    first["as_of"] = "changed"

    assert accept(BalanceQuerySerializer, {}) == {}
    assert accept(BalanceQuerySerializer, {"as_of": instant}) == {"as_of": datetime.fromisoformat(instant)}


def test_an_answer_is_the_same():
    answer = represent(RedemptionSerializer, DOCUMENT)

    assert list(answer.items()) == list(RedemptionSerializer(DOCUMENT).data.items())
