"""What was taken in before, by the names that its source gave it: asked on the way of every purchase, so without models."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from loyalty.kernel import scope

# Lists are cut where they end: see ``sums``.
_PURCHASES = """
    SELECT r.source, r.external_id, r.fact_id, r.body_hash
    FROM (SELECT * FROM unnest(%s::text[], %s::text[]) AS k(source, external_id) LIMIT %s) k
    JOIN members_received r ON r.program_id = %s AND r.source = k.source AND r.kind = 'purchase'
      AND r.external_id = k.external_id
"""
_WAITING = """
    SELECT r.id FROM (SELECT * FROM unnest(%s::text[], %s::text[]) AS k(source, external_id) LIMIT %s) k
    JOIN members_return r ON r.program_id = %s AND r.source = k.source AND r.purchase_external_id = k.external_id
      AND r.state = 'waiting'
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
