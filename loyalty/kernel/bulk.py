"""Many rows in one statement. (COPY cannot write into a table with row-level security.)"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from django.db import connection, models


@cache
def _plan(model: type[models.Model], columns: tuple[str, ...]) -> tuple[str, tuple[bool, ...]]:
    fields = [model._meta.get_field(name) for name in columns]
    names, picks, sources, is_json = [], [], [], []
    for place, field in enumerate(fields):
        assert isinstance(field, models.Field)
        names.append(f'"{field.column}"')
        is_json.append(isinstance(field, models.JSONField))
        # JSON travels as one document for the whole column: escaping texts one by one costs more than the insert.
        picks.append(f"nullif(c{place}, 'null')" if is_json[-1] else f"c{place}")
        sources.append("jsonb_array_elements(%s::jsonb)" if is_json[-1] else f"unnest(%b::{_array_type(field)}[])")
    aliases = ", ".join(f"c{place}" for place in range(len(fields)))
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(names)}) SELECT {", ".join(picks)} '
        f"FROM ROWS FROM ({', '.join(sources)}) AS r({aliases})"
    )
    return statement, tuple(is_json)


def _array_type(field: models.Field) -> str:
    kind = field.rel_db_type(connection) if isinstance(field, models.ForeignKey) else field.db_type(connection)
    return str(kind).split("(")[0].split(" GENERATED")[0]


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, suffix: str = ""
) -> list[tuple[Any, ...]]:
    """Insert ``rows`` (values in the order of ``columns``, field names of ``model``) by one statement.

    ``suffix`` is a constant ``ON CONFLICT``/``RETURNING`` clause; the returned rows are the answer.
    """
    listed = list(rows)
    if not listed:
        return []
    statement, is_json = _plan(model, tuple(columns))
    arrays = [
        msgspec.json.encode(column).decode() if json_column else list(column)
        for column, json_column in zip(zip(*listed, strict=True), is_json, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} {suffix}", arrays)
        return cursor.fetchall() if cursor.description else []
