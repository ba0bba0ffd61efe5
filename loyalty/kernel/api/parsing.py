"""JSON as it must be: bounded, without duplicate keys, without numbers that lose digits."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

LARGEST_BODY = 1_048_576
DEEPEST = 12


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("A key is given twice.", code="duplicate_key")
    return found


def _refuse_constant(text: str) -> Any:
    raise ParseError(f"{text} is not a JSON number.", code="not_a_number")


def _depth(value: Any, level: int = 1) -> int:
    children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if level > DEEPEST:
        return level
    return max([level, *(_depth(child, level + 1) for child in children if isinstance(child, dict | list))])


def loads(body: bytes) -> Any:
    """The JSON value in ``body``.

    :raises ParseError: not JSON, over 1 MB, deeper than 12, a key twice, NaN or Infinity.
    """
    if len(body) > LARGEST_BODY:
        raise ParseError("The body is larger than 1 MB.", code="too_large")
    try:
        value = json.loads(body, object_pairs_hook=_pairs, parse_constant=_refuse_constant, parse_float=Decimal)
    except (ValueError, RecursionError) as problem:
        raise ParseError("The body is not valid JSON.", code="not_json") from problem
    if _depth(value) > DEEPEST:
        raise ParseError("The JSON is nested deeper than 12.", code="too_deep")
    return value


class StrictJSONParser(BaseParser):
    """The API's only parser."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return loads(stream.read(LARGEST_BODY + 1))
