"""Many rows in one statement. (COPY cannot write into a table with row-level security.)"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

import msgspec
from django.db import connection, models

from loyalty.kernel import arrays

Write = Callable[[Sequence[Any]], Any]


@cache
def _plan(model: type[models.Model], columns: tuple[str, ...]) -> tuple[str, tuple[Write, ...]]:
    fields = [model._meta.get_field(name) for name in columns]
    names, picks, sources, writers = [], [], [], []
    for place, field in enumerate(fields):
        assert isinstance(field, models.Field)
        names.append(f'"{field.column}"')
        is_json = isinstance(field, models.JSONField)
        is_text = is_json or isinstance(field, models.GenericIPAddressField)
        kind = "text" if is_text else _array_type(field)
        # JSON travels as texts, so that each is read once, into its row; so do addresses.
        picks.append(f"c{place}::{_array_type(field)}" if is_text else f"c{place}")
        sources.append(f"unnest(%b::{kind}[]) AS c{place}")
        # A field may write its documents otherwise than they are held in memory.
        writers.append(partial(_documents, getattr(field, "to_json", msgspec.json.encode)) if is_json
                       else partial(arrays.column, kind))  # fmt: skip
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(names)}) SELECT {", ".join(picks)} '
        # Row by row: functions of a FROM would be written down whole before the first row is read.
        f"FROM (SELECT {', '.join(sources)}) AS r"
    )
    return statement, tuple(writers)


def _documents(write: Callable[[Any], bytes], values: Sequence[Any]) -> Any:
    return arrays.documents([None if value is None else write(value) for value in values])


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
    statement, writers = _plan(model, tuple(columns))
    values = [write(column) for write, column in zip(writers, zip(*listed, strict=True), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} {suffix}", values)
        return cursor.fetchall() if cursor.description else []
