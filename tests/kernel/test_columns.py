"""Columns of many rows as the database reads them back: every type, with and without gaps."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from loyalty.kernel import arrays

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
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
        ("timestamp with time zone", [NOON, NOON, None, None, NOON, NOON + timedelta(seconds=1)]),
        ("timestamp with time zone", [NOON, NOON]),
        ("numeric", [Decimal("1.50"), Decimal("-0.000001"), None]),
        ("numeric", [Decimal("1.5"), 0, Decimal(0), Decimal("12345678901.999"), Decimal("1E+3"), 7]),
        ("bigint", [None, None]),
    ],
)
def test_what_is_written_is_read(kind: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT unnest(%b::{kind}[])", [arrays.column(kind, values)])

        found = [bytes(one) if isinstance(one, memoryview) else one for (one,) in cursor.fetchall()]

    assert found == values


def test_the_doubled_hour_is_two_hours() -> None:
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Warsaw"), fold=fold) for fold in (0, 1))
    assert first == second
    with connection.cursor() as cursor:
        values = arrays.column("timestamp with time zone", [first, second])
        cursor.execute("SELECT unnest(%b::timestamptz[]) AT TIME ZONE 'UTC'", [values])

        assert cursor.fetchall() == [(datetime(2026, 10, 25, 0, 30),), (datetime(2026, 10, 25, 1, 30),)]


def test_decimals_keep_their_zeros() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(%b::numeric[])::text", [arrays.column("numeric", [Decimal("1.50"), Decimal("1.5"), 1])]
        )

        assert cursor.fetchall() == [("1.50",), ("1.5",), ("1",)]


def test_long_documents_travel_as_they_are() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%b::text[])", [arrays.documents(["ż".encode() * 9000, None, b""])])

        assert cursor.fetchall() == [("ż" * 9000,), (None,), ("",)]


def test_nothing_is_an_empty_array() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(%b::bigint[])", [arrays.column("bigint", [])])

        assert cursor.fetchone() == (0,)
