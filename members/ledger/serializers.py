"""Balances, lots and corrections as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from loyalty.kernel.api.serializers import ExactField, InstantField, StrictSerializer
from members.ledger.models import RequestState
from members.profiles.serializers import IdentitySerializer

LONGEST_NOTE = 300


class BucketsSerializer(serializers.Serializer[Any]):
    """What a wallet holds, decimal texts: usable, not usable yet, held for a till, owed."""

    active = serializers.CharField()
    pending = serializers.CharField()
    reserved = serializers.CharField()
    debt = serializers.CharField()


class BalanceSerializer(serializers.Serializer[Any]):
    """A member's points by type. ``shown`` is what members see: active less debt.

    ``credit_limit``, how far below zero spending may go, stands in the answer about now; ``as_of`` and ``known_at`` in
    that about a past instant.
    """

    balance = serializers.DictField(child=BucketsSerializer())
    shown = serializers.DictField(child=serializers.CharField())
    credit_limit = serializers.DictField(child=serializers.CharField(), required=False)
    as_of = serializers.DateTimeField(required=False)
    known_at = serializers.DateTimeField(required=False)


class BalanceQuerySerializer(StrictSerializer):
    """By when a fact counts (included), and by when it was recorded."""

    as_of = InstantField(required=False)
    known_at = InstantField(required=False)


class StatementQuerySerializer(StrictSerializer):
    """The days of a statement in the program's time zone, both included; by when what happened was recorded."""

    first = serializers.DateField()
    last = serializers.DateField()
    known_at = InstantField(required=False)


class LotSerializer(serializers.Serializer[Any]):
    """Points of one earning that are still there."""

    type = serializers.CharField()
    amount = serializers.CharField()
    remaining = serializers.CharField()
    state = serializers.ChoiceField(["pending", "active"])
    earned_at = serializers.DateTimeField()
    activates_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    rule = serializers.CharField()


class LotPageSerializer(serializers.Serializer[Any]):
    results = LotSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class AdjustmentInputSerializer(StrictSerializer):
    """A correction by hand: points to give, or to take with a minus."""

    member = IdentitySerializer()
    type = serializers.CharField(max_length=32)
    points = ExactField(least=None)
    reason = serializers.CharField(max_length=32)
    note = serializers.CharField(max_length=LONGEST_NOTE, allow_blank=True, default="")


class AdjustmentSerializer(serializers.Serializer[Any]):
    """A correction and the balance after it."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    points = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    balance = serializers.DictField(child=BucketsSerializer())


class AdjustmentRequestSerializer(serializers.Serializer[Any]):
    """A correction above the limit: filed, nothing moved; another person decides."""

    request = serializers.UUIDField()
    state = serializers.ChoiceField(RequestState.values)
    type = serializers.CharField()
    points = serializers.CharField()
    reason = serializers.CharField()
    requested_at = serializers.DateTimeField()


class CreditInputSerializer(StrictSerializer):
    """How far below zero spending may go, and why."""

    type = serializers.CharField(max_length=32)
    limit = ExactField()
    why = serializers.CharField(max_length=LONGEST_NOTE)


class CreditSerializer(serializers.Serializer[Any]):
    """The limit in force, and what of it is owed."""

    type = serializers.CharField()
    limit = serializers.CharField()
    debt = serializers.CharField()


class TransferInputSerializer(StrictSerializer):
    """Points that move from one member to another. ``points`` leave the sender; the program's fee is kept of them."""

    sender = IdentitySerializer()
    recipient = IdentitySerializer()
    type = serializers.CharField(max_length=32)
    points = ExactField()
    note = serializers.CharField(max_length=LONGEST_NOTE, allow_blank=True, default="")


class TransferSerializer(serializers.Serializer[Any]):
    """A transfer with what arrived, and the sender's balance after it."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    points = serializers.CharField()
    fee = serializers.CharField()
    received = serializers.CharField()
    at = serializers.DateTimeField()
    balance = serializers.DictField(child=BucketsSerializer())


class ExportQuerySerializer(StrictSerializer):
    """Which entries an export holds: effective from an instant (included) to an instant (excluded)."""

    since = InstantField(required=False)
    until = InstantField(required=False)
