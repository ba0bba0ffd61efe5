"""Turning a table into partitions of itself: what there is becomes the first one, and no row moves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from loyalty.kernel import ids, walls
from loyalty.kernel.errors import Refusal
from loyalty.kernel.partitions.growing import OWNER, add_next, closing, months_missing
from loyalty.kernel.partitions.standing import Partition, month_after

_CONSTRAINTS = """
SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f') ORDER BY contype DESC, conname
"""
_INDEXES = """
SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
ORDER BY c.relname
"""
_TRIGGERS = """
SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname
"""
_POLICIES = """
SELECT policyname, cmd, roles::text[], qual, with_check FROM pg_policies
WHERE schemaname = current_schema() AND tablename = %s ORDER BY policyname
"""
_RIGHTS = """
SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END, a.privilege_type
FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.oid = %s::regclass AND a.grantee <> c.relowner
"""
_UNFIT = """
SELECT EXISTS (
         SELECT FROM pg_index i WHERE i.indrelid = %(table)s::regclass AND i.indisunique
           AND NOT (SELECT attnum FROM pg_attribute WHERE attrelid = i.indrelid AND attname = 'id') = ANY (i.indkey))
    OR EXISTS (SELECT FROM pg_constraint WHERE confrelid = %(table)s::regclass AND contype = 'f')
    OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attacl IS NOT NULL)
"""
_KIND = "SELECT relkind FROM pg_class WHERE oid = %s::regclass"
_SESSIONS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %s AND pid <> pg_backend_pid()
"""


class UnknownTable(Refusal):
    """The table is not among those that can be partitioned."""

    code = "partitions.unknown_table"


class AlreadyPartitioned(Refusal):
    """The table is partitioned."""

    code = "partitions.done_before"
    status = 409


class ProductRuns(Refusal):
    """The product has sessions open."""

    code = "partitions.product_runs"
    status = 409


class KeysAhead(Refusal):
    """The newest key is of a later month than this one."""

    code = "partitions.keys_ahead"
    status = 409


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table has beside its columns and checks."""

    constraints: Sequence[tuple[str, str, str]]
    indexes: Sequence[tuple[str, str]]
    triggers: Sequence[tuple[str, str]]
    policies: Sequence[tuple[str, str, list[str], str | None, str | None]]
    rights: Sequence[tuple[str, str]]


def partition_table(table: str, *, at: datetime) -> list[str]:
    """Turn a table into partitions by month, in one transaction of the owner; the partitions in their order.

    The rows there are stay where they are and become the first partition, up to the end of the month of ``at``. Walls,
    rights, keys, indexes and triggers stand on the whole.

    :raises UnknownTable: not one of ``settings.PARTITIONED``.
    :raises AlreadyPartitioned: it is.
    :raises ProductRuns: the product must be stopped.
    :raises KeysAhead: rows were made later than the month of ``at``.
    """
    if table not in settings.PARTITIONED:
        raise UnknownTable(table=table, known=", ".join(settings.PARTITIONED))
    with transaction.atomic(using=OWNER, durable=True), connections[OWNER].cursor() as cursor:
        if _one(cursor, _KIND, [table]) == "p":
            raise AlreadyPartitioned(table=table)
        if sessions := _one(cursor, _SESSIONS, [walls.app_role()]):
            raise ProductRuns(sessions=sessions)
        cursor.execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
        cursor.execute(_UNFIT, {"table": table})
        assert not cursor.fetchone()[0], f"{table} has keys that a partition cannot keep"
        bound = month_after(at)
        end = ids.first_of(bound)
        newest = _one(cursor, f'SELECT max(id) FROM "{table}"')
        if newest is not None and newest >= end:
            raise KeysAhead(table=table)
        for statement in _statements(table, _shape(cursor, table), end):
            cursor.execute(statement)
        parts = [Partition(_first(table), None, end, None)]
        for _ in range(months_missing(parts[0], at)):
            parts.append(add_next(cursor, table, parts[-1]))
        cursor.execute(f'ANALYZE "{table}"')
    return [part.name for part in parts]


def _one(cursor: Any, question: str, values: Sequence[Any] | None = None) -> Any:
    cursor.execute(question, values)
    return cursor.fetchone()[0]


def _shape(cursor: Any, table: str) -> Shape:
    def rows(question: str) -> Sequence[Any]:
        cursor.execute(question, [table])
        found: Sequence[Any] = cursor.fetchall()
        return found

    return Shape(rows(_CONSTRAINTS), rows(_INDEXES), rows(_TRIGGERS), rows(_POLICIES), rows(_RIGHTS))


def _first(name: str) -> str:
    """The name of what the first partition keeps: names of indexes are the schema's, and the whole takes the old ones."""
    return f"{name[:57]}_first"


def _statements(table: str, shape: Shape, end: int) -> Iterator[str]:
    first = _first(table)
    yield from _setting_aside(table, first, shape)
    yield (
        f'CREATE TABLE "{table}" (LIKE "{first}" INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED '
        "INCLUDING STORAGE INCLUDING COMMENTS) PARTITION BY RANGE (id)"
    )
    for name, _kind, definition in shape.constraints:
        yield f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}'
    for _name, definition in shape.indexes:
        yield definition
    # The check says what attaching would otherwise find out by reading everything once more.
    yield f'ALTER TABLE "{first}" ADD CONSTRAINT "{first}_range" CHECK (id IS NOT NULL AND id < {end})'
    yield f'ALTER TABLE "{table}" ATTACH PARTITION "{first}" FOR VALUES FROM (MINVALUE) TO ({end})'
    yield f'ALTER TABLE "{first}" DROP CONSTRAINT "{first}_range"'
    for _name, definition in shape.triggers:
        yield definition
    yield from _walls(table, shape)


def _setting_aside(table: str, first: str, shape: Shape) -> Iterator[str]:
    """The table gives up its name, the names of its keys and indexes, its triggers and its own walls."""
    for name, kind, _definition in shape.constraints:
        if kind in "pu":
            yield f'ALTER TABLE "{table}" RENAME CONSTRAINT "{name}" TO "{_first(name)}"'
    for name, _definition in shape.indexes:
        yield f'ALTER INDEX "{name}" RENAME TO "{_first(name)}"'
    for name, _definition in shape.triggers:
        yield f'DROP TRIGGER "{name}" ON "{table}"'
    for name, *_rest in shape.policies:
        yield f'DROP POLICY "{name}" ON "{table}"'
    yield f'ALTER TABLE "{table}" RENAME TO "{first}"'
    yield from closing(first)


def _walls(table: str, shape: Shape) -> Iterator[str]:
    """The walls and the rights of the whole: those that the table had, and nothing that new tables are given."""
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
    for name, command, roles, using, check in shape.policies:
        names = ", ".join("PUBLIC" if role == "public" else f'"{role}"' for role in roles)
        condition = f" USING ({using})" if using else ""
        condition += f" WITH CHECK ({check})" if check else ""
        yield f'CREATE POLICY "{name}" ON "{table}" FOR {command} TO {names}{condition}'
    yield f'REVOKE ALL ON "{table}" FROM PUBLIC, "{walls.app_role()}", "{walls.auditor_role()}"'
    for role, right in shape.rights:
        yield f'GRANT {right} ON "{table}" TO {role}'
