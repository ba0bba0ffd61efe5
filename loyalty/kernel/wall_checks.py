"""A program table without its wall fails `manage.py check --database default` and the tests."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from loyalty.kernel import walls

_SQL = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid),
       EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'u'
               AND k.conname = 'wall_' || c.relname || '_id')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
"""
_KEYS_SQL = """
SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype = 'f' AND k.convalidated AND k.conname LIKE 'wall\\_%'
UNION ALL
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgenabled = 'O' AND NOT t.tgisinternal AND t.tgname LIKE 'wall\\_%'
"""

# Partitions are reached through their table, where the wall stands.
_OPEN_PARTITIONS_SQL = """
SELECT p.relname, c.relname FROM pg_inherits i
JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND p.relkind = 'p' AND p.relrowsecurity
  AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity
       OR has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'))
ORDER BY c.relname
"""


def walled_models() -> list[Any]:
    """Every model that must stand behind a wall."""
    return [
        model
        for model in apps.get_models()
        if not model._meta.proxy
        and (walls.program_field(model) is not None or model._meta.label_lower == walls.PROGRAM_LABEL)
    ]


@register(Tags.database)
def check_walls(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> Iterable[CheckMessage]:
    """Each program table has forced row-level security, its policies, the key that composite keys lean on, and those."""
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(_SQL)
        found = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(_KEYS_SQL)
        keys = set(cursor.fetchall())
        cursor.execute(_OPEN_PARTITIONS_SQL, [walls.app_role()])
        opened = cursor.fetchall()
    errors: list[CheckMessage] = [
        Error(
            f"{partition} can be reached past the wall of {table}.",
            hint="Make partitions with `manage.py partition`.",
            id="kernel.E003",
        )
        for table, partition in opened
    ]
    for model in walled_models():
        table = model._meta.db_table
        if table not in found:
            continue  # not migrated yet: the migration itself will be judged
        is_forced, policies, has_key = found[table]
        needs_key = model._meta.label_lower != walls.PROGRAM_LABEL
        if not is_forced or policies < 6 or (needs_key and not has_key):
            errors.append(
                Error(
                    f"{table} has no wall between programs.",
                    hint="Put BuildWalls() last in the migration that makes the table.",
                    obj=model,
                    id="kernel.E001",
                )
            )
        errors += [
            Error(
                f"{table}.{column} may point across the wall between programs.",
                hint="Put BuildWalls() last in the migration that makes the key.",
                obj=model,
                id="kernel.E002",
            )
            for column, names in _key_names(model)
            if not all((table, name) in keys for name in names)
        ]
    return errors


def _key_names(model: Any) -> Iterable[tuple[str, tuple[str, ...]]]:
    """For each key to another program table its column, and what in the database keeps it inside the program."""
    for field, _target, is_by_trigger in walls.program_keys(model):
        name = walls.key_name(model._meta.db_table, field.column, is_by_trigger=is_by_trigger)
        yield field.column, (name, f"{name}_all") if is_by_trigger else (name,)
