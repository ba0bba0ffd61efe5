"""What tills send and are told."""

from typing import Any

from rest_framework import serializers

from loyalty.kernel.api.serializers import ExactField, InstantField, PointsField, StrictSerializer, WordsField
from members.activity.models import Settlement
from members.activity.serializers.answers import AppliedSerializer
from members.activity.serializers.purchase import LineSerializer, PurchaseSerializer, ReturnedLineSerializer
from members.ledger.serializers import BucketsSerializer
from members.profiles.serializers import IdentitySerializer
from members.till.models import CheckoutState, OperationStatus

MOST_OPERATIONS = 500
LONGEST_SEQUENCE = 9_000_000_000_000_000


class IdentifySerializer(StrictSerializer):
    """Who stands at the till."""

    member = IdentitySerializer()
    till = serializers.CharField(max_length=40, allow_blank=True, default="")


class IdentifiedSerializer(serializers.Serializer[Any]):
    """A member as a cashier may see them. ``balance_token`` is for a till that loses its line within a day."""

    member = serializers.UUIDField()
    number = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    tiers = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    balance = serializers.DictField(child=BucketsSerializer())
    redeem = serializers.DictField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    balance_token = serializers.CharField(allow_null=True)


class QuoteInputSerializer(PurchaseSerializer):
    """A basket before it is paid: the document of a purchase without its number; ``member`` may be missing."""

    external_id = None  # type: ignore[assignment]
    reservation = None  # type: ignore[assignment]
    member = IdentitySerializer(required=False)
    at = InstantField(required=False)
    points = ExactField(required=False)
    lines: Any = serializers.ListSerializer(child=LineSerializer(), allow_empty=False, max_length=1000)


class RedeemSerializer(serializers.Serializer[Any]):
    """How much points can pay: ``available`` there are, ``most`` of them fit this basket, worth ``value``."""

    type = serializers.CharField()
    available = serializers.CharField()
    most = serializers.CharField()
    value = serializers.CharField()


class LineDiscountSerializer(serializers.Serializer[Any]):
    line_id = serializers.CharField()
    amount = serializers.CharField()


class QuoteSerializer(serializers.Serializer[Any]):
    """What a basket would earn and cost now. ``missing`` names what could not be told in time; then it follows later."""

    quote = serializers.UUIDField()
    amount = serializers.CharField()
    discount = serializers.CharField()
    discounts = LineDiscountSerializer(many=True)
    to_pay = serializers.CharField()
    points = PointsField()
    applied = AppliedSerializer(many=True)
    redeem = RedeemSerializer(allow_null=True)
    rules = serializers.IntegerField(allow_null=True)
    is_complete = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField())


class OperationSerializer(StrictSerializer):
    """What every operation says: its own number, its place in the till's row, and which till."""

    op_id = serializers.UUIDField()
    pos_seq = serializers.IntegerField(min_value=0, max_value=LONGEST_SEQUENCE, required=False)
    till = serializers.CharField(max_length=40)


class ReserveSerializer(OperationSerializer):
    """Hold points for a quoted basket."""

    quote = serializers.UUIDField()
    points = ExactField()
    minutes = serializers.IntegerField(min_value=1, max_value=1440, required=False)


class CommitSerializer(OperationSerializer):
    """The receipt as it was paid: ``purchase`` is the document of ``POST /transactions``; its member may be left out in a
    session that knows it. ``points`` are what of it was paid with points, ``money`` what was paid in money."""

    session = serializers.UUIDField(required=False)
    purchase = serializers.JSONField()
    points = ExactField(required=False)
    money = ExactField(required=False)
    offline = serializers.BooleanField(default=False)
    balance_token = serializers.CharField(max_length=600, required=False)


class CancelSerializer(OperationSerializer):
    session = serializers.UUIDField(required=False)
    reason = WordsField(max_length=300, required=False)


class VoidSerializer(OperationSerializer):
    """Take a receipt back whole, on its own day."""

    session = serializers.UUIDField(required=False)
    receipt = serializers.CharField(max_length=120, required=False)


class RefundSerializer(VoidSerializer):
    """Take goods back; without ``lines`` all that are left."""

    at = InstantField(required=False)
    lines: Any = serializers.ListSerializer(
        child=ReturnedLineSerializer(), allow_empty=False, max_length=1000, required=False
    )
    settlement = serializers.ChoiceField(Settlement.values, default=Settlement.MONEY.value)
    exchange = serializers.CharField(max_length=120, required=False)


class TillAnswerSerializer(serializers.Serializer[Any]):
    """What became of an operation. ``is_complete`` is false where points follow later; ``receipt`` is for the paper.

    ``op_id`` is null where none could be read.
    """

    op_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField([*OperationStatus.values, "duplicate"])
    session = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(CheckoutState.choices, allow_null=True)
    is_complete = serializers.BooleanField()
    flags = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    reservation = serializers.DictField(required=False)
    transaction = serializers.DictField(required=False)
    returned = serializers.DictField(required=False)
    receipt = serializers.ListField(child=serializers.CharField(), required=False)
    problem = serializers.DictField(required=False)


class OperationsSerializer(StrictSerializer):
    """What a till kept while it had no line; each operation is read on its own and says its ``type``."""

    operations = serializers.ListField(child=serializers.JSONField(), allow_empty=False, max_length=MOST_OPERATIONS)


class OperationsAnswerSerializer(serializers.Serializer[Any]):
    """One answer each, in the order sent; by till the numbers that have not come yet: send those."""

    results = TillAnswerSerializer(many=True)
    missing = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField()))


class ReservationInputSerializer(StrictSerializer):
    """Points to hold for a member: for how long, at which till."""

    member = IdentitySerializer()
    type = serializers.CharField(max_length=32, required=False)
    points = ExactField()
    minutes = serializers.IntegerField(min_value=1, max_value=1440, required=False)
    till = serializers.CharField(max_length=40, allow_blank=True, default="")


class CaptureInputSerializer(StrictSerializer):
    """How many of the held points are taken; all of them without."""

    points = ExactField(required=False)


class ReleaseInputSerializer(StrictSerializer):
    """Why the points are let go."""

    reason = WordsField(max_length=300, allow_blank=True, default="")


class ReservationSerializer(serializers.Serializer[Any]):
    """Points held for a till and the balance after it."""

    reservation = serializers.UUIDField()
    state = serializers.CharField()
    type = serializers.CharField()
    points = serializers.CharField()
    captured = serializers.CharField()
    expires_at = serializers.DateTimeField()
    balance = serializers.DictField(child=BucketsSerializer())


class ConfigSerializer(serializers.Serializer[Any]):
    """What a till needs to know to work without a line. ``version`` changes with the rules."""

    version = serializers.IntegerField()
    currency = serializers.CharField()
    points_at_till = serializers.CharField()
    point_type = serializers.CharField(allow_null=True)
    point_decimals = serializers.IntegerField(allow_null=True)
    point_value = serializers.CharField()
    hold_minutes = serializers.IntegerField()
    offline_limit = serializers.CharField()
    token_hours = serializers.IntegerField()
    token_key = serializers.CharField()
    missing = serializers.ListField(child=serializers.IntegerField())
