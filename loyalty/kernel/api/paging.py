"""Lists page by cursor: where the page before ended, so that rows added meanwhile neither repeat nor hide others."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from loyalty.kernel.errors import Malformed

DEFAULT, MOST = 50, 200
PARAMETERS = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="`next` of the answer before."),
    OpenApiParameter("limit", OpenApiTypes.INT, description=f"Rows a page, 1 to {MOST}; {DEFAULT} unless given."),
]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after the row with this instant (none: a row without one) and key."""

    instant: datetime | None
    key: int


def limit_of(request: Request) -> int:
    """How many rows a page of the answer has.

    :raises Malformed: not a whole number from 1 to 200.
    """
    text = request.query_params.get("limit", str(DEFAULT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST):
        raise Malformed(errors=[("limit", "out_of_range")])
    return int(text)


def position_of(request: Request) -> Position | None:
    """Where the page asked for begins; nothing for the first page.

    :raises Malformed: the cursor is not one that an answer gave.
    """
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        instant, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        position = Position(datetime.fromisoformat(instant) if instant else None, int(key))
        if position.instant is not None and position.instant.tzinfo is None:
            raise ValueError
        if not 0 <= position.key < 2**63:
            raise ValueError
    except (ValueError, TypeError, binascii.Error) as problem:
        raise Malformed(errors=[("cursor", "invalid_cursor")]) from problem
    return position


def cursor(position: Position) -> str:
    """The position as an opaque text."""
    values = [position.instant.isoformat() if position.instant else None, position.key]
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def answer(rows: Sequence[Any], limit: int, last: Position | None) -> dict[str, Any]:
    """A page: ``rows`` as given, and the cursor of the next page where there may be one."""
    return {"results": list(rows), "next": cursor(last) if last is not None and len(rows) == limit else None}
