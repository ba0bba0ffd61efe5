"""Members as the API takes and gives them."""

import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from loyalty.kernel import wording
from loyalty.kernel.api.serializers import KindField, StrictSerializer, refuse
from members.profiles import contact
from members.profiles.models import IdentifierKind, IdentifierState
from members.profiles.queries import KINDS

wording.register(
    {
        "not_a_phone": _("This is not a phone number. Write it with its country code, for example +48 600 100 200."),
        "not_a_card": _("This is not a card number: letters and digits only."),
    }
)

_CARD = re.compile(r"[A-Za-z0-9\s-]{1,64}", re.ASCII)
MOST_CARDS = 10


class IdentitySerializer(StrictSerializer):
    """What names a member: a kind of identifier and its value."""

    kind = KindField(KINDS)
    value = serializers.CharField(max_length=254)


class PhoneField(serializers.CharField):
    """A phone number as people write it, with at least five digits; empty for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=25, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text and not contact.looks_like_phone(text):
            raise refuse("not_a_phone")
        return text


class CardField(serializers.CharField):
    """A card number; spaces and dashes are for reading only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not _CARD.fullmatch(text):
            raise refuse("not_a_card")
        return text


class PersonSerializer(StrictSerializer):
    """What a member may tell about themselves; a field left out stays as it is, an empty one is emptied."""

    first_name = serializers.CharField(max_length=80, allow_blank=True, required=False)
    last_name = serializers.CharField(max_length=80, allow_blank=True, required=False)
    email = serializers.EmailField(max_length=254, allow_blank=True, required=False)
    phone = PhoneField(required=False)
    birthday = serializers.DateField(allow_null=True, required=False)
    city = serializers.CharField(max_length=80, allow_blank=True, required=False)
    language = serializers.ChoiceField([code for code, _name in settings.LANGUAGES], required=False)


class EnrollmentSerializer(PersonSerializer):
    """Somebody who joins: at least one of e-mail, phone and card."""

    cards = serializers.ListField(child=CardField(), max_length=MOST_CARDS, required=False)


class IdentifierInputSerializer(StrictSerializer):
    """An identifier to be added (``active``) or blocked."""

    kind = KindField(IdentifierKind.values)
    value = CardField()
    state = serializers.ChoiceField([IdentifierState.ACTIVE.value, IdentifierState.BLOCKED.value], default="active")


class IdentifierSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(IdentifierKind.values)
    value = serializers.CharField()
    state = serializers.ChoiceField(IdentifierState.values)


class MemberTierSerializer(serializers.Serializer[Any]):
    scheme = serializers.CharField()
    tier = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)


class MemberSerializer(serializers.Serializer[Any]):
    """A member as a system sees them; e-mail and phone are masked unless its key may change members."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    language = serializers.CharField()
    enrolled_at = serializers.DateTimeField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    birthday = serializers.DateField(allow_null=True)
    city = serializers.CharField()
    identifiers = IdentifierSerializer(many=True)
    tiers = MemberTierSerializer(many=True)


class MembershipSerializer(serializers.Serializer[Any]):
    """The answer to a change of a member. Answers are kept for repeats, so it holds nothing personal."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()
    status = serializers.CharField()
    language = serializers.CharField()
    enrolled_at = serializers.DateTimeField()


class IdentifierStateSerializer(serializers.Serializer[Any]):
    """The answer to a change of an identifier, without its number for the same reason."""

    member = serializers.CharField()
    kind = serializers.ChoiceField(IdentifierKind.values)
    state = serializers.ChoiceField(IdentifierState.values)
