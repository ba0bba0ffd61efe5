"""Time-ordered bigint keys, made by the database.

``loyalty_next_id()`` puts the milliseconds since 2020 above the low 22 bits of one sequence. Within one database no two
keys are equal (the sequence would have to wrap, four million keys, inside one millisecond), and they ascend with time,
so that large tables can be range-partitioned by key (loyalty.kernel.partitions). See docs/adr/0003.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import BigIntegerField, Func

LOW_BITS = 22
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
SEQUENCE_SQL = (
    "CREATE SEQUENCE IF NOT EXISTS loyalty_id_low AS bigint MINVALUE 0 MAXVALUE 4194303 START 0 CYCLE CACHE 1"
)
FUNCTION_SQL = """
CREATE OR REPLACE FUNCTION loyalty_next_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT ((extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1577836800000) << 22 | nextval('loyalty_id_low')
$$
"""


class NextId(Func):
    """The database default of every big table's key."""

    function = "loyalty_next_id"
    template = "%(function)s()"
    output_field = BigIntegerField()


def take(count: int) -> list[int]:
    """``count`` fresh keys, ascending, in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT loyalty_next_id() FROM generate_series(1, %s)", [count])
        return sorted(row[0] for row in cursor.fetchall())


def first_of(at: datetime) -> int:
    """The smallest key that can be made at an instant or after it."""
    return (at - BEGINNING) // timedelta(milliseconds=1) << LOW_BITS


def made_at(key: int) -> datetime:
    """When a key was made, to the millisecond."""
    return BEGINNING + timedelta(milliseconds=key >> LOW_BITS)
