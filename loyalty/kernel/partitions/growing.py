"""Partitions for the months to come, made while the product runs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connections, transaction

from loyalty.kernel import ids, walls
from loyalty.kernel.partitions.standing import Partition, month_after, partitions

OWNER = "owner"
MONTHS_AHEAD = 3
# A partition waits for nobody longer than this: the next sweep tries again.
_PATIENCE = "SET LOCAL lock_timeout = '3s'"
_OPTIONS = "SELECT reloptions FROM pg_class WHERE oid = %s::regclass"


def add_partitions(at: datetime) -> list[str]:
    """Make what is missing of ``MONTHS_AHEAD`` months after that of ``at``; the names of what was made."""
    made = []
    for table, parts in partitions(connections[OWNER]).items():
        last = parts[-1]
        for _ in range(months_missing(last, at)):
            with transaction.atomic(using=OWNER, durable=True), connections[OWNER].cursor() as cursor:
                cursor.execute(_PATIENCE)
                last = add_next(cursor, table, last)
            made.append(last.name)
    return made


def months_missing(last: Partition, at: datetime) -> int:
    """How many months lie between the end of the last partition and as far ahead as partitions are made."""
    wanted = at
    for _ in range(MONTHS_AHEAD + 1):
        wanted = month_after(wanted)
    begins, count = ids.made_at(last.end), 0
    while begins < wanted:
        begins, count = month_after(begins), count + 1
    return count


def add_next(cursor: Any, table: str, last: Partition) -> Partition:
    """Make the partition of the month that follows ``last``, in an open transaction of the owner."""
    begins = ids.made_at(last.end).astimezone(UTC)
    name, end = f"{table}_{begins:%Y_%m}", ids.first_of(month_after(begins))
    cursor.execute(_OPTIONS, [last.name])
    options = cursor.fetchone()[0] or []
    # Made apart and attached: rows are read and written meanwhile.
    cursor.execute(
        f'CREATE TABLE "{name}" (LIKE "{table}" INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES '
        "INCLUDING GENERATED INCLUDING STORAGE)"
    )
    if options:
        cursor.execute(f'ALTER TABLE "{name}" SET ({", ".join(options)})')
    for statement in closing(name):
        cursor.execute(statement)
    cursor.execute(f'ALTER TABLE "{table}" ATTACH PARTITION "{name}" FOR VALUES FROM ({last.end}) TO ({end})')
    return Partition(name, last.end, end, None)


def closing(partition: str) -> Iterator[str]:
    """The SQL by which a partition is read and written through its table alone, where the walls stand."""
    yield f'ALTER TABLE "{partition}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{partition}" FORCE ROW LEVEL SECURITY'
    yield f'REVOKE ALL ON "{partition}" FROM PUBLIC, "{walls.app_role()}", "{walls.auditor_role()}"'
