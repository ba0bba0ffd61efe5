"""The trial document as it is taken from outside: its shape, its sizes, and what a schema cannot say about it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from jsonschema import Draft202012Validator, FormatChecker
from rest_framework import serializers

from loyalty.kernel.errors import Malformed
from programs.rules.language import CODES

MOST_RULES = 500
MOST_LINES = 1000
MOST_EARLIER = 1000
# Pieces become units, one by one, for rules about the cheapest of several.
MOST_PIECES = 100_000

_TEXT = {"type": "string", "maxLength": 200}
_TEXTS = {"type": "array", "items": _TEXT, "maxItems": 100}
_OBJECT = {"type": "object"}
# What a rule says is the language's to judge; its name is asked for before that.
_RULE = {"type": "object", "properties": {"id": {"type": "string"}}}
_NUMBER = {"type": ["string", "integer"], "pattern": r"^[0-9]{1,12}(\.[0-9]{1,9})?$", "minimum": 0, "maximum": 10**12}
_NUMBERS = {"type": "object", "additionalProperties": _NUMBER}
_BASIS = {"enum": ["paid", "list", "ex_tax", "without_points"]}
_DECIMALS = {"type": "integer", "minimum": 0, "maximum": 6}
_POINT_TYPE = {
    "type": ["string", "object"],
    "required": ["code"],
    "properties": {"code": _TEXT, "decimals": _DECIMALS},
}
_PROGRAM = {
    "type": "object",
    "properties": {
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "timezone": {"type": "string", "format": "zone"},
        "rounding": {"enum": ["down", "half_up", "up"]},
        "basis": _BASIS,
        "point_types": {
            "type": ["array", "object"],
            "items": _POINT_TYPE,
            "maxItems": 20,
            "additionalProperties": {"type": ["integer", "object"], "properties": {"decimals": _DECIMALS}, "maximum": 6},
        },
        "point_value": {"type": ["string", "integer", "object"], "additionalProperties": _NUMBER, **{
            key: value for key, value in _NUMBER.items() if key != "type"
        }},
        "groups": {"type": "object", "additionalProperties": {"pattern": "^(best|first|all|at_most:[1-9][0-9]?)$"}},
        "tiers": _TEXTS,
        "earn_on": {"enum": ["after_loyalty_discounts", "before_loyalty_discounts"]},
    },
}  # fmt: skip
_LINE = {
    "type": "object",
    "anyOf": [{"required": ["unit_price"]}, {"required": ["amount"]}],
    "properties": {
        "line_id": {"type": ["string", "integer"]},
        "sku": _TEXT,
        "product": _TEXT,
        "brand": _TEXT,
        "unit": _TEXT,
        "categories": _TEXTS,
        "qty": _NUMBER,
        "returned": _NUMBER,
        "unit_price": _NUMBER,
        "amount": _NUMBER,
        "discount": _NUMBER,
        "tax_rate": {**_NUMBER, "pattern": r"^[0-9]{1,3}(\.[0-9]{1,4})?$", "maximum": 100},
    },
}
_PURCHASE = {
    "type": "object",
    "required": ["at"],
    "properties": {
        "at": {"type": "string", "format": "instant"},
        "lines": {"type": "array", "items": _LINE, "maxItems": MOST_LINES},
        "basket_discount": _NUMBER,
        "paid_with_points": _NUMBER,
        "channel": _TEXT,
        "payment": _TEXT,
        "partner": _TEXT,
        "store": _TEXT,
        "store_group": _TEXT,
        "region": _TEXT,
        "store_tz": {"type": "string", "format": "zone"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "coupons": _TEXTS,
        "points": {**_NUMBER, "type": ["string", "integer", "object"], "additionalProperties": _NUMBER},
    },
}
TRIAL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["rules", "purchase"],
    "additionalProperties": False,
    "properties": {
        "program": _PROGRAM,
        "rules": {"type": "array", "items": _RULE, "minItems": 1, "maxItems": MOST_RULES},
        "lists": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": ["string", "integer"]}},
        },
        "member": {
            "type": "object",
            "properties": {
                "id": {"type": ["string", "integer"]},
                "tier": {"type": ["string", "null"]},
                "birthday": {"type": ["string", "null"], "format": "day"},
                "segments": _TEXTS,
                "tiers": {"type": "object", "additionalProperties": _TEXT},
            },
        },
        "history": {"type": "array", "items": _PURCHASE, "maxItems": MOST_EARLIER},
        "events": {
            "type": "array",
            "maxItems": MOST_EARLIER,
            "items": {
                "type": "object",
                "required": ["at", "type"],
                "properties": {"at": {"type": "string", "format": "instant"}, "type": _TEXT},
            },
        },
        "used_limits": _NUMBERS,
        "purchase": _PURCHASE,
        "returns": {
            "type": "array",
            "maxItems": 100,
            "items": {
                "type": "array",
                "items": {
                    "type": "array",
                    "prefixItems": [{"type": "integer", "minimum": 0}, _NUMBER],
                    "items": False,
                    "minItems": 2,
                },
            },
        },
        "return_mode": {"enum": ["recompute", "proportional", "keep"]},
        "account": _OBJECT,
        "coupon": _OBJECT,
    },
}


def _is_instant(text: object) -> bool:
    try:
        return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_day(text: object) -> bool:
    try:
        return not isinstance(text, str) or bool(date.fromisoformat(text))
    except ValueError:
        return False


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_zone(text: object) -> bool:
    return not isinstance(text, str) or text in _zones()


_FORMATS = FormatChecker(formats=())
_FORMATS.checks("instant")(_is_instant)
_FORMATS.checks("day")(_is_day)
_FORMATS.checks("zone")(_is_zone)
_VALIDATOR = Draft202012Validator(TRIAL_SCHEMA, format_checker=_FORMATS)


class TrialSerializer(serializers.Serializer[Any]):
    """The answer of a trial: what would be given and what not, by rule and line, with the explanation."""

    points = serializers.DictField(child=serializers.CharField())
    by_rule = serializers.DictField()
    not_applied = serializers.DictField(child=serializers.CharField())
    discount = serializers.CharField()
    vouchers = serializers.ListField(child=serializers.CharField())
    lines = serializers.ListField(child=serializers.DictField())
    reversed = serializers.DictField(child=serializers.CharField())
    explanation = serializers.ListField(child=serializers.DictField())


def check_trial(document: Any) -> None:
    """Refuse what is not a trial document. Its rules are judged by the language itself.

    :raises Malformed: the errors name the fields.
    """
    errors = sorted(_VALIDATOR.iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    found = [
        (".".join(map(str, error.absolute_path)) or "body", CODES.get(str(error.validator), "wrong_format"))
        for error in errors
    ]
    if not found:
        found = [*_senseless(document["purchase"], "purchase"), *_returns_beyond(document)]
        for index, earlier in enumerate(document.get("history", ())):
            found += _senseless(earlier, f"history.{index}")
    if found:
        raise Malformed(errors=list(dict.fromkeys(found)))


def _paid(line: Mapping[str, Any]) -> Decimal:
    if line.get("amount") is not None:
        return Decimal(str(line["amount"]))
    return Decimal(str(line["unit_price"])) * _quantity(line) - Decimal(str(line.get("discount", 0)))


def _quantity(line: Mapping[str, Any]) -> Decimal:
    return Decimal(str(line.get("qty", 1)))


def _senseless(purchase: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Discounts beyond what they are taken off, returns beyond the line, more pieces than are worth counting."""
    lines = purchase.get("lines", ())
    for index, line in enumerate(lines):
        if _paid(line) < 0:
            yield f"{path}.lines.{index}.discount", "out_of_range"
        if Decimal(str(line.get("returned", 0))) > _quantity(line):
            yield f"{path}.lines.{index}.returned", "out_of_range"
    if sum(_quantity(line) for line in lines) > MOST_PIECES:
        yield f"{path}.lines", "too_many"
    names = [str(line.get("line_id", index + 1)) for index, line in enumerate(lines)]
    if len(set(names)) != len(names):
        yield f"{path}.lines", "repeated"
    total = sum(_paid(line) for line in lines)
    taken_off = Decimal(str(purchase.get("basket_discount", 0)))
    if taken_off > total:
        yield f"{path}.basket_discount", "out_of_range"
    if Decimal(str(purchase.get("paid_with_points", 0))) > total - taken_off:
        yield f"{path}.paid_with_points", "out_of_range"


def _returns_beyond(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    lines = document["purchase"].get("lines", ())
    left = {
        index: _quantity(line) for index, line in enumerate(lines) if _quantity(line) or _paid(line)
    }  # a line of nothing for nothing is dropped
    for number, returned in enumerate(document.get("returns", ())):
        for index, units in returned:
            if index not in left:
                yield f"returns.{number}", "out_of_range"
                continue
            left[index] -= Decimal(str(units))
            if left[index] < 0:
                yield f"returns.{number}", "out_of_range"
