"""Balances, lots and corrections as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from loyalty.kernel.api.serializers import ExactField, InstantField, KindField, StrictSerializer, WordsField
from members.ledger.models import RequestState, SaleKind, SaleState
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
    """Points of one earning that are still there.

    Pending points may await a declared event, by its code; ``activates_at`` is then the latest instant without it.
    """

    type = serializers.CharField()
    amount = serializers.CharField()
    remaining = serializers.CharField()
    state = serializers.ChoiceField(["pending", "active"])
    earned_at = serializers.DateTimeField()
    activates_at = serializers.DateTimeField(allow_null=True)
    awaits = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    rule = serializers.CharField(allow_blank=True)


class LotPageSerializer(serializers.Serializer[Any]):
    results = LotSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class AdjustmentInputSerializer(StrictSerializer):
    """A correction by hand: points to give, or to take with a minus."""

    member = IdentitySerializer()
    type = serializers.CharField(max_length=32)
    points = ExactField(least=None)
    reason = serializers.CharField(max_length=32)
    note = WordsField(max_length=LONGEST_NOTE, allow_blank=True, default="")


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
    note = WordsField(max_length=LONGEST_NOTE, allow_blank=True, default="")


class TransferSerializer(serializers.Serializer[Any]):
    """A transfer with what arrived, and the sender's balance after it."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    points = serializers.CharField()
    fee = serializers.CharField()
    received = serializers.CharField()
    at = serializers.DateTimeField()
    balance = serializers.DictField(child=BucketsSerializer())


class SaleQuestionSerializer(StrictSerializer):
    """What a member wants. ``until``: the end moves of all that ends up to this day (``extend``).

    ``points``: how many come back (``reinstate``; without: all that can), are bought (``buy``), or are converted at most
    (``convert``). ``pay``: the type of the points that pay, or are converted; without: money.
    """

    kind = KindField(SaleKind.values)
    member = IdentitySerializer()
    type = serializers.CharField(max_length=32)
    points = ExactField(required=False)
    until = serializers.DateField(required=False)
    pay = serializers.CharField(max_length=32, required=False)


class SaleInputSerializer(SaleQuestionSerializer):
    """The same with the price that was agreed, and the payment of money that was taken outside.

    Without ``payment`` bought points wait for it, and nothing moves.
    """

    price = ExactField()
    payment = serializers.CharField(max_length=120, required=False, default="")


class SalePartSerializer(serializers.Serializer[Any]):
    """Points whose end moves."""

    points = serializers.CharField()
    end_before = serializers.DateTimeField()
    end_after = serializers.DateTimeField()


class SaleFactsSerializer(serializers.Serializer[Any]):
    """What is sold for what: ``price`` in ``currency``, or in points of the type ``pay``."""

    kind = serializers.ChoiceField(SaleKind.values)
    type = serializers.CharField()
    points = serializers.CharField()
    price = serializers.CharField()
    currency = serializers.CharField(allow_blank=True)
    pay = serializers.CharField(allow_null=True)


class QuotedSaleSerializer(SaleFactsSerializer):
    """What it costs and moves, part by part where ends move."""

    parts = SalePartSerializer(many=True)


class SaleSerializer(SaleFactsSerializer):
    """A sale of points, and the balance after it."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(SaleState.values)
    payment = serializers.CharField(allow_blank=True)
    asked_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    balance = serializers.DictField(child=BucketsSerializer())


class SalePaymentSerializer(StrictSerializer):
    """The payment that was taken outside."""

    payment = serializers.CharField(max_length=120)


class SaleEndSerializer(StrictSerializer):
    """Why a sale is refunded or canceled."""

    why = serializers.CharField(max_length=LONGEST_NOTE)


class ExportQuerySerializer(StrictSerializer):
    """Which entries an export holds: effective from an instant (included) to an instant (excluded)."""

    since = InstantField(required=False)
    until = InstantField(required=False)
