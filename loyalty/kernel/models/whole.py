"""All rows of a program's small table, by a statement that is made once.

For what is read with every purchase: Django takes longer to make such a statement than the database to answer it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import connections, models, router

from loyalty.kernel import scope

_M = TypeVar("_M", bound=models.Model)


class _Statement(NamedTuple):
    """The statement, the names of what it answers, and by place what makes a value of what the driver hands over."""

    sql: str
    names: tuple[str, ...]
    made: tuple[tuple[int, Callable[[Any, Any, Any], Any]], ...]


def whole(model: type[_M], *, by: str = "program_id") -> list[_M]:
    """The rows of a model in the programs in scope, in its order, which is an ascending one.

    :param by: the column of the program.
    :raises ScopeMissing: there is no scope.
    """
    programs = list(scope.current().programs)
    connection = connections[router.db_for_read(model)]
    sql, names, made = _statement(model, by)
    with connection.cursor() as cursor:
        cursor.execute(sql, [programs])
        rows = cursor.fetchall()
    found = []
    for row in rows:
        values = list(row)
        for place, make in made:
            values[place] = make(values[place], None, connection)
        found.append(model.from_db(connection.alias, names, values))
    return found


@cache
def _statement(model: type[models.Model], by: str) -> _Statement:
    fields = model._meta.concrete_fields
    order = ", ".join(f'"{model._meta.get_field(name).column}"' for name in model._meta.ordering)  # type: ignore[union-attr, arg-type]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    made = [(place, field.from_db_value) for place, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return _Statement(
        f'SELECT {columns} FROM "{model._meta.db_table}" WHERE "{by}" = ANY(%s)'
        + (f" ORDER BY {order}" if order else ""),
        tuple(field.attname for field in fields),
        tuple(made),
    )
