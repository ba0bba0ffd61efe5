"""Many rows in one statement. (COPY cannot write into a table with row-level security.)"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models


@cache
def _plan(model: type[models.Model], columns: tuple[str, ...]) -> tuple[str, tuple[bool, ...]]:
    fields = [model._meta.get_field(name) for name in columns]
    types, is_json = [], []
    for field in fields:
        assert isinstance(field, models.Field)
        is_json.append(isinstance(field, models.JSONField))
        types.append("text" if is_json[-1] else _array_type(field))
    names = ", ".join(f'"{field.column}"' for field in fields)  # type: ignore[union-attr]
    picks = ", ".join(f"c{n}::jsonb" if json_column else f"c{n}" for n, json_column in enumerate(is_json))
    sources = ", ".join(f"%s::{kind}[]" for kind in types)
    aliases = ", ".join(f"c{n}" for n in range(len(fields)))
    table = model._meta.db_table
    return f'INSERT INTO "{table}" ({names}) SELECT {picks} FROM unnest({sources}) AS r({aliases})', tuple(is_json)


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
        [json.dumps(value) if value is not None else None for value in column] if json_column else list(column)
        for column, json_column in zip(zip(*listed, strict=True), is_json, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} {suffix}", arrays)
        return cursor.fetchall() if cursor.description else []
