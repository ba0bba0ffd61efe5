"""Running a statement over all members of the program."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from loyalty.kernel import replica, scope

# Of so many members each: below that one process is as quick as two.
SMALLEST_SHARE = 25_000
# More shares than processes: whichever is done first takes the next one, so that neither waits long for the other.
MOST_SHARES = 4
# Of a table in the order of its keys a page says little more than one row does: one page in twenty.
BOUNDS = """
    SELECT percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY id), count(*) * 20
    FROM members_member TABLESAMPLE SYSTEM (5) WHERE program_id = %s
"""
# The statement reads whole tables once. A plan made for a few rows, from statistics of yesterday, would look every member
# up one by one; compiling a plan that is used once costs more than it brings; what is grouped should stay in memory. The
# planner shares among workers alone: were the process that waits for them to work too, there would be three.
FOR_WHOLE_TABLES = {
    "enable_nestloop": "off",
    "enable_hashjoin": "off",
    "enable_hashagg": "off",
    "jit": "off",
    "work_mem": "128MB",
    "max_parallel_workers_per_gather": "2",
    "parallel_leader_participation": "off",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    "min_parallel_table_scan_size": "1TB",
    "min_parallel_index_scan_size": "1TB",
}


# What follows writes some rows of large tables: a plan that is kept must not read such a table for each few of them.
FOR_SOME_ROWS = {"enable_hashjoin": "off", "enable_mergejoin": "off"}


def prepare(cursor: Any, settings: Mapping[str, str] = FOR_WHOLE_TABLES) -> None:
    """Let the planner think so until the end of the transaction, or until :func:`restore`; usually of whole tables."""
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    cursor.execute(f"SELECT {calls}", [part for setting in settings.items() for part in setting])


def restore(cursor: Any, settings: Mapping[str, str] = FOR_WHOLE_TABLES) -> None:
    """Let the planner think as usual again."""
    for name in settings:
        cursor.execute(f"SET LOCAL {name} TO DEFAULT")


def shares() -> list[tuple[int | None, int | None]]:
    """The members of the program in scope in ranges of keys, for parts of one statement that two processes share.

    What is ordered by member in both tables is joined without a table in memory, which two processes cannot have in common.
    """
    with connection.cursor() as cursor:
        cursor.execute(BOUNDS, [scope.program_id()])
        quarters, members = cursor.fetchone()
    return ranges(quarters or (), members)


def ranges(quarters: Sequence[int], members: int) -> list[tuple[int | None, int | None]]:
    """Half-open ranges of keys for so many members, together all keys; one where they are few, else two or four.

    :param quarters: the keys at a quarter, at the half and at three quarters of the members.
    """
    number = min(members // SMALLEST_SHARE, MOST_SHARES)
    # An odd one would be worked on by one process while the other has nothing to do.
    bounds = quarters if number == MOST_SHARES else quarters[1:2] if number > 1 else ()
    return list(itertools.pairwise((None, *bounds, None)))


def rows(text: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement over whole tables; from a replica where reads may lag."""
    place = replica.connection()
    with transaction.atomic(using=place.alias), place.cursor() as cursor:
        prepare(cursor)
        cursor.execute(text, dict(parameters))
        found = list(cursor.fetchall())
        restore(cursor)
        return found
