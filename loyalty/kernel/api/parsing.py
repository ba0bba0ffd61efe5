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


def _check_text(text: str) -> None:
    # Half of a surrogate pair or a NUL can be written in JSON and in nothing that stores or shows text.
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ParseError("A text holds a sign that is no character.", code="not_a_text")


def _check(value: Any, deepest: int) -> None:
    if isinstance(value, str):
        if not value.isascii() or "\0" in value:
            _check_text(value)
    elif isinstance(value, dict | list):
        if deepest == 0:
            raise ParseError("The JSON is nested too deep.", code="too_deep")
        if isinstance(value, dict):
            for name, child in value.items():
                _check(name, deepest)
                _check(child, deepest - 1)
        else:
            for child in value:
                _check(child, deepest - 1)


def loads(body: bytes, *, deepest: int = DEEPEST) -> Any:
    """The JSON value in ``body``.

    :raises ParseError: not JSON, over 1 MB, nested deeper than ``deepest``, a key twice, NaN or Infinity, broken text.
    """
    if len(body) > LARGEST_BODY:
        raise ParseError("The body is larger than 1 MB.", code="too_large")
    try:
        # JSON between systems is UTF-8 (RFC 8259); bytes would be guessed at.
        value = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_pairs, parse_constant=_refuse_constant, parse_float=Decimal
        )
    except (ValueError, RecursionError) as problem:
        raise ParseError("The body is not valid JSON.", code="not_json") from problem
    _check(value, deepest)
    return value


class StrictJSONParser(BaseParser):
    """The API's only parser."""

    media_type = "application/json"
    deepest = DEEPEST

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return loads(stream.read(LARGEST_BODY + 1), deepest=self.deepest)
