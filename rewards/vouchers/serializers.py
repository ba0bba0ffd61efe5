"""Vouchers as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from loyalty.kernel.api.serializers import InstantField, StrictSerializer, WordsField
from members.profiles.serializers import IdentitySerializer
from rewards.vouchers.models import Voucher, VoucherKind, VoucherState
from rewards.vouchers.worth import value_text

SHOWN_STATES = [choice for choice in VoucherState.choices if choice[0] != VoucherState.POOLED]


class VoucherSerializer(serializers.Serializer[Any]):
    """A voucher: what it is worth and whether it can be used.

    ``value`` is decimal text: money in ``currency``, percent, or points of ``type``; for a product its ``sku`` says what.
    ``valid_until`` is the first instant at which it is no longer good.
    """

    code = serializers.CharField()
    template = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(VoucherKind.choices)
    value = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    type = serializers.CharField(allow_null=True)
    sku = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(SHOWN_STATES)
    is_usable = serializers.BooleanField()
    uses_left = serializers.IntegerField()
    issued_at = InstantField()
    valid_until = InstantField(allow_null=True)


class VoucherListSerializer(serializers.Serializer[Any]):
    """A page of vouchers."""

    results = VoucherSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class VoucherIssueSerializer(StrictSerializer):
    """Which voucher a member is given, by the code of its template."""

    template = serializers.CharField(max_length=32)


class VoucherUseSerializer(StrictSerializer):
    """Where a voucher is used; ``member`` where the till knows who buys."""

    receipt = serializers.CharField(max_length=120, allow_blank=True, default="")
    store = serializers.CharField(max_length=40, allow_blank=True, default="")
    member = IdentitySerializer(required=False)


class VoucherUsedSerializer(serializers.Serializer[Any]):
    """A use of a voucher, and the voucher as it stands after it."""

    id = serializers.UUIDField()
    used_at = InstantField()
    voucher = VoucherSerializer()


class VoucherWithdrawalSerializer(StrictSerializer):
    """Why a voucher is withdrawn."""

    reason = WordsField(max_length=300)


def voucher_document(voucher: Voucher, now: Any) -> dict[str, Any]:
    """One voucher as the API shows it, in the reader's language."""
    template, currency = voucher.template, voucher.program.currency
    state = VoucherState.EXPIRED if voucher.state == VoucherState.ISSUED and voucher.is_over(now) else voucher.state
    return {
        "code": voucher.code,
        "template": template.code,
        "name": str(template.name),
        "kind": template.kind,
        "value": value_text(template, currency),
        "currency": currency if template.kind == VoucherKind.AMOUNT else None,
        "type": template.point_type.code if template.point_type else None,
        "sku": template.product.sku if template.product else None,
        "state": state,
        "is_usable": voucher.is_usable(now),
        "uses_left": voucher.uses - voucher.used if voucher.is_usable(now) else 0,
        "issued_at": voucher.issued_at,
        "valid_until": voucher.valid_until,
    }
