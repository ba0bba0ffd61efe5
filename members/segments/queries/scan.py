"""Running a statement over all members of the program."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from loyalty.kernel import replica, scope

# Of so many members each: below that one process is as quick as two.
SMALLEST_SHARE = 25_000
MIDDLE = """
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id), count(*) FROM members_member TABLESAMPLE SYSTEM (1)
    WHERE program_id = %s
"""
# The statement reads whole tables once. A plan made for a few rows, from statistics of yesterday, would look every member
# up one by one; compiling a plan that is used once costs more than it brings; what is grouped should stay in memory.
FOR_WHOLE_TABLES = {
    "enable_nestloop": "off",
    "enable_hashjoin": "off",
    "enable_hashagg": "off",
    "jit": "off",
    "work_mem": "128MB",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    "min_parallel_table_scan_size": "1TB",
    "min_parallel_index_scan_size": "1TB",
}


def prepare(cursor: Any) -> None:
    """Let the planner think of whole tables until the end of the transaction, or until :func:`restore`."""
    for name, value in FOR_WHOLE_TABLES.items():
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def restore(cursor: Any) -> None:
    """Let the planner think as usual again."""
    for name in FOR_WHOLE_TABLES:
        cursor.execute(f"SET LOCAL {name} TO DEFAULT")


def shares() -> list[tuple[int | None, int | None]]:
    """The members of the program in scope in one or two ranges of keys, for parts of one statement that processes share.

    What is ordered by member in both tables is joined without a table in memory, which two processes cannot have in common.
    """
    with connection.cursor() as cursor:
        cursor.execute(MIDDLE, [scope.program_id()])
        middle, sampled = cursor.fetchone()
    return [(None, middle), (middle, None)] if sampled * 100 >= 2 * SMALLEST_SHARE else [(None, None)]


def rows(text: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement over whole tables; from a replica where reads may lag."""
    place = replica.connection()
    with transaction.atomic(using=place.alias), place.cursor() as cursor:
        prepare(cursor)
        cursor.execute(text, dict(parameters))
        found = list(cursor.fetchall())
        restore(cursor)
        return found
