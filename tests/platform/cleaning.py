"""Back to the freshly migrated database after a test that committed.

Django's flush runs as the role of the product, which may neither truncate nor delete ledger rows, and it loses what
migrations inserted. This one runs as the superuser with triggers at rest (append-only guards, foreign keys), empties
the tables that hold rows and puts back the rows that migrations made. Numbers of sequences go on.
"""

from typing import Any

import psycopg
from psycopg import sql

KEPT = "kept"
# A thread of a test that still holds rows locked is a fault of that test: say so instead of waiting for ever.
LOCK_TIMEOUT = "10s"

Connection = psycopg.Connection[Any]

_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname <> 'django_migrations' ORDER BY 1
"""
# Generated columns cannot be written; identity columns can, with OVERRIDING SYSTEM VALUE.
_COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = format('public.%%I', %s::text)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum
"""
_HOLDERS = """
    SELECT pid, application_name, state, left(query, 200) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""


def keep_rows(superuser: Connection) -> None:
    """Remember the rows that migrations inserted, in a schema of their own that copies of the database have too."""
    superuser.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(KEPT)))
    for table in _filled(superuser):
        superuser.execute(
            sql.SQL("CREATE TABLE {} AS TABLE {}").format(sql.Identifier(KEPT, table), sql.Identifier("public", table))
        )


def clean(superuser: Connection) -> None:
    """Bring every table of ``public`` back to the rows that migrations inserted.

    :raises AssertionError: a connection that the test left open holds rows locked.
    """
    kept = set(_names(superuser, KEPT))
    changed = {table for table in kept if _is_changed(superuser, table)}
    try:
        with superuser.transaction():
            superuser.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            superuser.execute("SET LOCAL session_replication_role = replica")
            for table in {*_filled(superuser), *changed} - (kept - changed):
                superuser.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("public", table)))
            for table in changed:
                _put_back(superuser, table)
    except psycopg.errors.LockNotAvailable as error:
        holders = superuser.execute(_HOLDERS).fetchall()
        raise AssertionError(f"a connection of the test still holds a transaction open: {holders}") from error


def _is_changed(superuser: Connection, table: str) -> bool:
    """Whether a table holds other rows than migrations inserted: most tests touch none of them."""
    rows = [sql.SQL("SELECT r::text FROM {} r").format(sql.Identifier(schema, table)) for schema in ("public", KEPT)]
    question = sql.SQL("SELECT EXISTS (({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT ALL {0}))").format(*rows)
    return superuser.execute(question).fetchone() == (True,)


def _put_back(superuser: Connection, table: str) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(row[0]) for row in superuser.execute(_COLUMNS, [table]))
    superuser.execute(
        sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
            sql.Identifier("public", table), columns, columns, sql.Identifier(KEPT, table)
        )
    )


def _filled(superuser: Connection) -> list[str]:
    """The tables of ``public`` with at least one row, found by one statement."""
    tables = _names(superuser, "public")
    if not tables:
        return []
    questions = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier("public", name))
        for name in tables
    ]
    return [row[0] for row in superuser.execute(sql.SQL(" UNION ALL ").join(questions))]


def _names(superuser: Connection, schema: str) -> list[str]:
    return [row[0] for row in superuser.execute(_TABLES, [schema])]
