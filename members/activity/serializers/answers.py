"""What a till is told about a purchase or a return."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from loyalty.kernel import money
from loyalty.kernel.api.serializers import InstantField, PointsField
from members.activity.explained import ExplainedPurchase, ExplainedReturn
from members.activity.queries import Held
from members.ledger.serializers import BucketsSerializer


class HeaderSerializer(serializers.Serializer[Any]):
    """Which purchase it is."""

    id = serializers.UUIDField()
    external_id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    at = InstantField()
    store = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    amount = serializers.CharField()


class EarnedLineSerializer(serializers.Serializer[Any]):
    """One line and what it earned: base points and bonuses apart."""

    line_id = serializers.CharField()
    sku = serializers.CharField()
    qty = serializers.CharField()
    amount = serializers.CharField()
    base = PointsField()
    bonus = PointsField()


class AppliedSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    name = serializers.CharField()
    points = PointsField()
    why = serializers.CharField()


class NotAppliedSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    name = serializers.CharField()
    reason = serializers.CharField()
    why = serializers.CharField()


class TransactionSerializer(serializers.Serializer[Any]):
    """The answer to a purchase: its points, the balance that it left, and why."""

    transaction = HeaderSerializer()
    points = PointsField()
    balance = serializers.DictField(child=BucketsSerializer())
    lines = EarnedLineSerializer(many=True)
    applied = AppliedSerializer(many=True)
    not_applied = NotAppliedSerializer(many=True)
    vouchers = serializers.ListField(child=serializers.CharField())
    messages = serializers.ListField(child=serializers.CharField())


class ReturnedSerializer(serializers.Serializer[Any]):
    """A return: ``waiting`` until its purchase arrives, then ``applied``; ``points`` are what it took back."""

    id = serializers.UUIDField()
    external_id = serializers.CharField()
    state = serializers.ChoiceField(["waiting", "applied", "review"])
    at = InstantField()
    amount = serializers.CharField()
    points = PointsField()


class TransactionWithReturnsSerializer(TransactionSerializer):
    """A purchase as it stands now, with what came back of it."""

    returns = ReturnedSerializer(many=True)


class ReturnAnswerSerializer(serializers.Serializer[Any]):
    """The answer to a return: what it took back and the balance that it left; empty while it waits."""

    transaction = serializers.CharField()
    id = serializers.UUIDField()
    external_id = serializers.CharField()
    state = serializers.ChoiceField(["waiting", "applied", "review"])
    reversed = PointsField()
    balance = serializers.DictField(child=BucketsSerializer())


class BatchResultSerializer(serializers.Serializer[Any]):
    """What became of one purchase of a batch: the status it would have had alone, and its answer or its problem."""

    external_id = serializers.CharField(allow_null=True)
    status = serializers.IntegerField()
    is_replay = serializers.BooleanField()
    answer = TransactionSerializer(required=False)
    problem = serializers.DictField(required=False)


class BatchAnswerSerializer(serializers.Serializer[Any]):
    results = BatchResultSerializer(many=True)


def balance_text(held: Mapping[str, Held], decimals: Mapping[str, int]) -> dict[str, dict[str, str]]:
    """What wallets held, by point type, as decimal texts."""
    return {
        code: {
            bucket: money.to_text(getattr(held.get(code, Held()), bucket), places)
            for bucket in ("active", "pending", "reserved", "debt")
        }
        for code, places in decimals.items()
    }


def transaction_document(one: ExplainedPurchase, held: Mapping[str, Held]) -> dict[str, Any]:
    """The answer to a purchase."""
    return {
        "transaction": {
            "id": one.public_id,
            "external_id": one.external_id,
            "source": one.source,
            "at": one.at,
            "store": one.location,
            "currency": one.currency,
            "amount": one.money_text(one.amount),
        },
        "points": one.points_text(one.points),
        "balance": balance_text(held, one.decimals),
        "lines": [
            {
                "line_id": line.line_id,
                "sku": line.sku,
                "qty": f"{line.quantity.normalize():f}",
                "amount": one.money_text(line.amount),
                "base": one.points_text(line.base),
                "bonus": one.points_text(line.bonus),
            }
            for line in one.lines
        ],
        "applied": [
            {"rule": rule.rule, "name": rule.name, "points": one.points_text(rule.points), "why": rule.why}
            for rule in one.applied
        ],
        "not_applied": [
            {"rule": rule.rule, "name": rule.name, "reason": rule.reason, "why": rule.why} for rule in one.not_applied
        ],
        # An effect is offered only with its executor, and none of those that issue these is.
        "vouchers": [],
        "messages": [],
    }


def returned_document(one: ExplainedPurchase, returned: ExplainedReturn) -> dict[str, Any]:
    """A return within its purchase."""
    return {
        "id": returned.public_id,
        "external_id": returned.external_id,
        "state": returned.state,
        "at": returned.at,
        "amount": one.money_text(returned.amount),
        "points": one.points_text(returned.points),
    }
