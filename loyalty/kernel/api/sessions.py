"""The session of the database that a request begins with: whether it still lives is seen by the first question itself."""

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from loyalty.kernel import scope


def first_row(question: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row that a question is answered with. The question reads and may be asked twice.

    Before the first statement of a request Django asks `SELECT 1`, to open a session anew that was lost meanwhile. Here
    the question does that: where it fails and the session does not live any more, another is opened and asked. Inside a
    transaction or a scope nothing is asked again: what they told the session would be lost with it.
    """
    if connection.in_atomic_block or scope.is_entered():
        return _row(question, values)
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _row(question, values)
    except (DatabaseError, InterfaceError):
        if connection.connection is None or connection.is_usable():
            raise
        connection.close()
        return _row(question, values)


def _row(question: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
