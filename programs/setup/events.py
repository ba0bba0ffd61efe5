"""What a declared event may carry: attributes by name, each of one type. Pure but for the words of its faults."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_ATTRIBUTES = 20
LONGEST_TEXT = 200
LARGEST = 10**15
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,16}(\.\d{1,12})?", re.ASCII)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_number(value: Any) -> bool:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return False
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


# By type: what a value must be, and the code of what is said where it is not.
TYPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "text": (_is_text, "not_a_text"),
    "whole": (_is_whole, "not_a_number"),
    "number": (_is_number, "not_a_number"),
    "yes_no": (lambda value: isinstance(value, bool), "not_yes_or_no"),
    "date": (_is_date, "not_a_date"),
    "instant": (_is_instant, "not_an_instant"),
}


def validate_attributes(declared: Any) -> None:
    """Refuse a declaration that is not a list of named and typed attributes."""
    if not isinstance(declared, list) or len(declared) > MOST_ATTRIBUTES:
        raise ValidationError(_("Give a list of at most 20 attributes."), code="not_a_list")
    names = []
    for one in declared:
        is_whole = isinstance(one, Mapping) and set(one) == {"name", "type", "required"}
        if not is_whole or one["type"] not in TYPES or not isinstance(one["required"], bool):
            raise ValidationError(_("An attribute has a name, a type and whether it is required."), code="incomplete")
        if not isinstance(one["name"], str) or not _NAME.fullmatch(one["name"]):
            raise ValidationError(_("Name attributes with small letters, digits and _."), code="bad_name")
        names.append(one["name"])
    if len(set(names)) != len(names):
        raise ValidationError(_("An attribute is named twice."), code="named_twice")


def faults(declared: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the attributes of one event, as (name, code); nothing when all is well."""
    types = {one["name"]: one for one in declared}
    found = [(name, "unknown_field") for name in given if name not in types]
    for name, one in types.items():
        if name not in given:
            if one["required"]:
                found.append((name, "required"))
            continue
        fits, code = TYPES[one["type"]]
        if not fits(given[name]):
            found.append((name, code))
    return found
