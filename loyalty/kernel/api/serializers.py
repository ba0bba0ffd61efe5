"""What every input serializer stands on: unknown fields are refused, numbers are exact, instants carry an offset."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from loyalty.kernel import wording
from loyalty.kernel.api import wording as _words  # noqa: F401  (registers the words of the codes below)
from loyalty.kernel.payment_cards import holds_payment_card

_NUMBER = re.compile(r"-?\d{1,16}(\.\d{1,12})?", re.ASCII)
_EARLIEST, _LATEST = 1900, 2200


def refuse(code: str, words: str = "", **facts: Any) -> ValidationError:
    """The refusal of one field by one of the product's codes; ``words`` is the code of its sentence, where another's."""
    return ValidationError([ErrorDetail(wording.sentence(words or code, facts), code=code)])


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses fields it does not know, together with whatever else is wrong."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        unknown = {name: refuse("unknown_field").detail for name in data if name not in self.fields}
        try:
            value = super().to_internal_value(data)
        except ValidationError as problem:
            raise ValidationError({**cast(dict[str, Any], problem.detail), **unknown}) from problem
        if unknown:
            raise ValidationError(unknown)
        return value


class WordsField(serializers.CharField):
    """A note or a reason in somebody's own words; the number of a payment card is refused."""

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if holds_payment_card(text):
            raise refuse("payment_card")
        return text


@cache
def _kept(kind: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    # Its fields are declared in the class and copied at first use; nothing of a request is written to it afterwards:
    # validation and representation give what they make to their callers.
    return kind()


def accept(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """What a serializer makes of the input ``data``. Its fields are built once in a process, not once a request.

    For serializers without context whose defaults are never changed.

    :raises ValidationError: as the serializer itself says it.
    """
    try:
        found: dict[str, Any] = _kept(kind).run_validation(data)
        return found
    except ValidationError:
        given = kind(data=data)
        given.is_valid(raise_exception=True)
        raise


def represent(kind: type[serializers.Serializer[Any]], value: Any) -> dict[str, Any]:
    """``value`` as a serializer answers it, by fields that are built once in a process; for serializers without context."""
    return _kept(kind).to_representation(value)


class KindField(serializers.ChoiceField):
    """One of a few words. A wrong one is told which there are."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except ValidationError as problem:
            known = ", ".join(str(choice) for choice in self.choices)
            raise refuse("not_a_choice", "unknown_choice", given=str(data)[:60], known=known) from problem


@extend_schema_field({"type": "string", "pattern": r"^\d{1,16}(\.\d{1,12})?$", "example": "12.30"})
class ExactField(serializers.Field):  # type: ignore[type-arg]
    """A number as decimal text; answers a :class:`~decimal.Decimal`. JSON numbers with a point have lost digits."""

    def __init__(
        self, *, decimals: int = 12, least: Decimal | None = Decimal(0), most: Decimal | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.decimals, self.least, self.most = decimals, least, most

    def to_internal_value(self, data: Any) -> Decimal:
        text = str(data) if self.takes(data) else ""
        if not _NUMBER.fullmatch(text):
            raise refuse("not_a_number")
        if len(text.partition(".")[2].rstrip("0")) > self.decimals:
            raise refuse("too_many_decimals")
        value = Decimal(text)
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise refuse("out_of_range")
        return value

    def takes(self, data: Any) -> bool:
        """Whether a JSON value of this type can be the number at all."""
        return isinstance(data, str)

    def to_representation(self, value: Any) -> str:
        return f"{value:f}"


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}], "example": "1"})
class QuantityField(ExactField):
    """A quantity: decimal text, or a whole JSON number."""

    def takes(self, data: Any) -> bool:
        return isinstance(data, str) or (isinstance(data, int) and not isinstance(data, bool))


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field):  # type: ignore[type-arg]
    """An instant by ISO 8601 with its offset: a time without one is refused, not guessed."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            instant = datetime.fromisoformat(data) if isinstance(data, str) else None
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise refuse("not_an_instant")
        if not _EARLIEST <= instant.year <= _LATEST:
            raise refuse("out_of_range")
        return instant

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}, "example": {"POINTS": "120"}})
class PointsField(serializers.Field):  # type: ignore[type-arg]
    """Points by point type, each a decimal text with the decimals of its type. Answers only."""

    def to_representation(self, value: Mapping[str, str]) -> dict[str, str]:
        return dict(value)
