"""Columns of many rows as the database reads them back: every type, with and without gaps."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from loyalty.kernel import arrays

pytestmark = pytest.mark.django_db

WARSAW = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [1, None, -9_000_000_000_000_000, 2**62]),
        ("integer", [2**31 - 1, -(2**31), 0]),
        ("smallint", [-32768, 32767, None]),
        ("boolean", [True, False, None]),
        ("bytea", [b"", b"\x00\xff", None]),
        ("text", ["", 'żółć 漢字 \\ {"}', None]),
        ("varchar", ["same", "same", "same"]),
        ("uuid", [uuid.UUID(int=5), None]),
        ("date", [date(1900, 1, 1), date(2200, 12, 31), date(2000, 1, 1)]),
        (
            "timestamp with time zone",
            [datetime(1999, 12, 31, 23, 59, 59, 999999, UTC), datetime(2026, 10, 25, 2, 30, tzinfo=WARSAW), None],
        ),
        ("numeric", [Decimal("1.50"), Decimal("-0.000001"), None]),
        ("bigint", [None, None]),
    ],
)
def test_what_is_written_is_read(kind: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT unnest(%b::{kind}[])", [arrays.column(kind, values)])

        found = [bytes(one) if isinstance(one, memoryview) else one for (one,) in cursor.fetchall()]

    assert found == values


def test_nothing_is_an_empty_array() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(%b::bigint[])", [arrays.column("bigint", [])])

        assert cursor.fetchone() == (0,)
