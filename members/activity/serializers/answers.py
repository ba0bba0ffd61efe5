"""What a till is told about a purchase or a return."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from loyalty.kernel import money
from loyalty.kernel.api.serializers import InstantField, PointsField
from members.activity.explained import ExplainedPurchase, ExplainedReturn, InUnits
from members.activity.held import Held
from members.activity.intake import DISCOUNT, PAYMENT
from members.activity.models import Settlement
from members.ledger.serializers import BucketsSerializer
from programs.returns.sentence import sentences


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


class GivenDiscountSerializer(serializers.Serializer[Any]):
    """Money off one line by one rule."""

    rule = serializers.CharField()
    name = serializers.CharField()
    line_id = serializers.CharField()
    amount = serializers.CharField()


class GivenVoucherSerializer(serializers.Serializer[Any]):
    """A voucher that the purchase brought: the code to print or show, and the day before which it is used."""

    rule = serializers.CharField()
    template = serializers.CharField()
    code = serializers.CharField()
    valid_until = serializers.CharField(allow_null=True)


class GivenMessageSerializer(serializers.Serializer[Any]):
    """A message that the purchase set off; it goes to the member, not to the till."""

    rule = serializers.CharField()
    template = serializers.CharField()
    channel = serializers.CharField()
    state = serializers.CharField()


class PaymentSerializer(serializers.Serializer[Any]):
    """What points paid: ``value`` is money; as money off (``discount``) it is taken off the amounts already."""

    type = serializers.CharField()
    points = serializers.CharField()
    value = serializers.CharField()
    way = serializers.ChoiceField([PAYMENT, DISCOUNT])


class ForeignSerializer(serializers.Serializer[Any]):
    """What was paid in another currency, and what one unit of it was worth that day in that of the program."""

    currency = serializers.CharField()
    amount = serializers.CharField()
    rate = serializers.CharField()


class TransactionSerializer(serializers.Serializer[Any]):
    """The answer to a purchase: its points, the balance that it left, and why."""

    transaction = HeaderSerializer()
    points = PointsField()
    balance = serializers.DictField(child=BucketsSerializer())
    lines = EarnedLineSerializer(many=True)
    applied = AppliedSerializer(many=True)
    not_applied = NotAppliedSerializer(many=True)
    discount = serializers.CharField()
    discounts = GivenDiscountSerializer(many=True)
    to_pay = serializers.CharField()
    payment = PaymentSerializer(required=False)
    foreign = ForeignSerializer(required=False)
    vouchers = GivenVoucherSerializer(many=True)
    messages = GivenMessageSerializer(many=True)
    print = serializers.ListField(child=serializers.CharField())


class LineTermsSerializer(serializers.Serializer[Any]):
    """The terms of return that decided about a line, in words."""

    line_id = serializers.CharField()
    why = serializers.CharField()


class ReturnedSerializer(serializers.Serializer[Any]):
    """A return: ``waiting`` until its purchase arrives, then ``applied``; ``points`` are what it took back.

    ``settlement`` is left out where the member got money; ``bonus`` are the points instead of it.
    """

    id = serializers.UUIDField()
    external_id = serializers.CharField()
    state = serializers.ChoiceField(["waiting", "applied", "review"])
    at = InstantField()
    amount = serializers.CharField()
    points = PointsField()
    discount = serializers.CharField()
    restored = PointsField(required=False)
    money_back = serializers.CharField(required=False)
    settlement = serializers.ChoiceField(Settlement.values, required=False)
    exchange = serializers.CharField(required=False)
    bonus = PointsField(required=False)
    terms = LineTermsSerializer(many=True, required=False)


class ExchangedSerializer(serializers.Serializer[Any]):
    """A return in whose exchange the purchase was made."""

    external_id = serializers.CharField()
    transaction = serializers.CharField()
    amount = serializers.CharField()


class TransactionWithReturnsSerializer(TransactionSerializer):
    """A purchase as it stands now, with what came back of it, and the returns in whose exchange it was made."""

    returns = ReturnedSerializer(many=True)
    in_exchange_for = ExchangedSerializer(many=True, required=False)


class QuotedReturnSerializer(serializers.Serializer[Any]):
    """What a return would take back and give, and the balance that it would leave."""

    transaction = serializers.CharField()
    reversed = PointsField()
    discount = serializers.CharField(allow_null=True)
    balance = serializers.DictField(child=BucketsSerializer())
    restored = PointsField(required=False)
    money_back = serializers.CharField(required=False)
    settlement = serializers.ChoiceField(Settlement.values, required=False)
    exchange = serializers.CharField(required=False)
    bonus = PointsField(required=False)
    terms = LineTermsSerializer(many=True, required=False)


class ReturnAnswerSerializer(QuotedReturnSerializer):
    """The answer to a return: what it took back and the balance that it left; empty while it waits."""

    id = serializers.UUIDField()
    external_id = serializers.CharField()
    state = serializers.ChoiceField(["waiting", "applied", "review"])


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
    """The answer to a purchase, as :class:`TransactionSerializer` describes it: plain texts already, as they are sent."""
    return {
        "transaction": {
            "id": one.public_id,
            "external_id": one.external_id,
            "source": one.source,
            "at": one.at.isoformat(),
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
        **_issued(one),
        **_payment(one),
        **_foreign(one),
    }


def _issued(one: ExplainedPurchase) -> dict[str, Any]:
    """What a purchase brings beside points, and what is left to pay."""
    return {
        "discount": one.money_text(one.discount),
        "discounts": [
            {"rule": each.rule, "name": each.name, "line_id": each.line_id, "amount": one.money_text(each.amount)}
            for each in one.discounts
        ],
        "to_pay": one.money_text(one.to_pay),
        "vouchers": [
            {
                "rule": each.rule,
                "template": each.issued["template"],
                "code": each.issued["code"],
                "valid_until": each.issued["valid_until"],
            }
            for each in one.effects_of("voucher", "coupon")
            if each.issued.get("code")
        ],
        "messages": [
            {
                "rule": each.rule,
                "template": each.issued["template"],
                "channel": each.issued["channel"],
                "state": each.issued["state"],
            }
            for each in one.effects_of("message")
        ],
        "print": [each.issued["text"] for each in one.effects_of("print")],
    }


def _foreign(one: ExplainedPurchase) -> dict[str, Any]:
    if one.foreign is None:
        return {}
    paid = one.foreign
    amount = money.to_text(paid.amount, money.exponent(paid.currency))
    return {"foreign": {"currency": paid.currency, "amount": amount, "rate": f"{paid.rate.normalize():f}"}}


def _payment(one: ExplainedPurchase) -> dict[str, Any]:
    if one.payment is None:
        return {}
    paid = one.payment
    return {
        "payment": {
            "type": paid["type"],
            "points": money.to_text(paid["points"], one.decimals[paid["type"]]),
            "value": one.money_text(paid["value"]),
            "way": paid["way"],
        }
    }


def paid_back(one: InUnits, returned: ExplainedReturn) -> dict[str, Any]:
    """What a return gave back of what was paid: points to their lots, the rest in money; nothing where none were."""
    if returned.payback is None:
        return {}
    back = returned.payback
    return {
        "restored": one.points_text({back["type"]: back["points"]}),
        "money_back": one.money_text(back["money"] if returned.settlement == Settlement.MONEY else 0),
    }


def settled(one: InUnits, returned: ExplainedReturn) -> dict[str, Any]:
    """What the member got instead of money, and the terms that decided; nothing where money was given by no terms."""
    found: dict[str, Any] = {}
    if returned.settlement != Settlement.MONEY:
        found["settlement"] = returned.settlement
    if returned.exchange:
        found["exchange"] = returned.exchange
    if returned.bonus:
        found["bonus"] = one.points_text(returned.bonus)
    if returned.terms:
        words = sentences(returned.terms.values())
        found["terms"] = [{"line_id": line_id, "why": words[key]} for line_id, key in returned.terms.items()]
    return found


def returned_document(one: ExplainedPurchase, returned: ExplainedReturn) -> dict[str, Any]:
    """A return within its purchase."""
    return {
        "id": returned.public_id,
        "external_id": returned.external_id,
        "state": returned.state,
        "at": returned.at,
        "amount": one.money_text(returned.amount),
        "points": one.points_text(returned.points),
        "discount": one.money_text(returned.discount),
        **paid_back(one, returned),
        **settled(one, returned),
    }
