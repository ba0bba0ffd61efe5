"""What was taken in before, by the names that its source gave it: asked on the way of every purchase, so without models."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from loyalty.kernel import scope

# Lists are cut where they end: see ``sums``. Each name is looked up by itself, which OFFSET makes sure of, and the program is
# compared behind it, beneath it is the wall's alone. Of a table that is filled just now the planner knows nothing: two
# conditions for one program seemed to leave a single row, and every name was compared with every row of the program.
_PURCHASES = """
    SELECT r.source, r.external_id, r.fact_id, r.body_hash
    FROM (SELECT * FROM unnest(%s::text[], %s::text[]) AS k(source, external_id) LIMIT %s) k
    CROSS JOIN LATERAL (
      SELECT * FROM members_received r
      WHERE r.source = k.source AND r.kind = 'purchase' AND r.external_id = k.external_id OFFSET 0
    ) r
    WHERE r.program_id = %s
"""
_WAITING = """
    SELECT r.id
    FROM (SELECT * FROM unnest(%s::text[], %s::text[]) AS k(source, external_id) LIMIT %s) k
    CROSS JOIN LATERAL (
      SELECT * FROM members_return r
      WHERE r.source = k.source AND r.purchase_external_id = k.external_id AND r.state = 'waiting' OFFSET 0
    ) r
    WHERE r.program_id = %s
    ORDER BY r.id
"""
Name = tuple[str, str]


def purchases(names: Sequence[Name]) -> dict[Name, tuple[int, bytes]]:
    """Of purchases by source and external id those that are recorded: their keys, and the hashes of their contents."""
    with connection.cursor() as cursor:
        cursor.execute(_PURCHASES, _asked(names))
        return {(source, number): (key, bytes(digest)) for source, number, key, digest in cursor.fetchall()}


def waiting_returns(names: Sequence[Name]) -> list[int]:
    """The returns that arrived before these purchases, in the order of arrival."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, _asked(names))
        return [key for (key,) in cursor.fetchall()]


def _asked(names: Sequence[Name]) -> tuple[Any, ...]:
    return [source for source, _number in names], [number for _source, number in names], len(names), scope.program_id()
