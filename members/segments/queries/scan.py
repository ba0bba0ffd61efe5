"""Running a statement over all members of the program."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

# The statement reads whole tables once. A plan made for a few rows, from statistics of yesterday, would look every member
# up one by one; compiling a plan that is used once costs more than it brings; what is grouped should stay in memory.
FOR_WHOLE_TABLES = {
    "enable_nestloop": "off",
    "jit": "off",
    "work_mem": "128MB",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
}


def prepare(cursor: Any) -> None:
    """Let the planner think of whole tables until the end of the transaction, or until :func:`restore`."""
    for name, value in FOR_WHOLE_TABLES.items():
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def restore(cursor: Any) -> None:
    """Let the planner think as usual again."""
    for name in FOR_WHOLE_TABLES:
        cursor.execute(f"SET LOCAL {name} TO DEFAULT")


def rows(text: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement over whole tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        prepare(cursor)
        cursor.execute(text, dict(parameters))
        found = list(cursor.fetchall())
        restore(cursor)
        return found
