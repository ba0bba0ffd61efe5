"""The tables of the built-in message broker (PGMQ), in the database's own schema ``pgmq``."""

from typing import Any

import psycopg
from pgmq.install import get_embedded_install_sql, get_embedded_sql_version
from psycopg import sql

from loyalty.platform.problem import Problem
from loyalty.platform.roles import BROKER, QUEUE_SCHEMA

_HAS_TABLES = "SELECT FROM pg_class WHERE relnamespace = to_regnamespace('pgmq') AND relname = 'meta'"
_CREATE_SCHEMA = "CREATE SCHEMA IF NOT EXISTS pgmq;"

Connection = psycopg.Connection[Any]


def is_current(connection: Connection) -> bool:
    """Whether the queue tables are there, as this release knows them or as an extension of the server."""
    row = connection.execute(
        "SELECT obj_description(n.oid, 'pg_namespace') = %s "
        "OR EXISTS (SELECT FROM pg_extension WHERE extname = 'pgmq') "
        "FROM pg_namespace n WHERE nspname = %s",
        [_mark(), QUEUE_SCHEMA],
    ).fetchone()
    return bool(row and row[0])


def install(superuser: Connection) -> bool:
    """Create the queue tables as role ``broker``; returns whether there was something to do.

    Tables of another version are replaced, with the messages in them: the broker is only a doorbell, what must happen
    stands in the product's own tables and is found by the next sweep. Run it while no worker is running.
    """
    if is_current(superuser):
        return False
    schema, role = sql.Identifier(QUEUE_SCHEMA), sql.Identifier(BROKER)
    with superuser.transaction():
        superuser.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
        superuser.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(schema, role))
        superuser.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
        _run_script(superuser)
    return True


def install_as_broker(conninfo: str) -> bool:
    """The same on a server of one's own, with the rights of its broker role alone, in a schema that this role owns.

    :raises Problem: there is no such schema, or another version's tables are in it.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if is_current(connection):
            return False
        user = connection.info.user
        if connection.execute(_HAS_TABLES).fetchone() is not None:
            raise Problem(
                f"The schema '{QUEUE_SCHEMA}' holds the tables of another version. Stop all workers and make it anew:\n"
                f"DROP SCHEMA {QUEUE_SCHEMA} CASCADE; CREATE SCHEMA {QUEUE_SCHEMA} AUTHORIZATION {user};"
            )
        try:
            with connection.transaction():
                _run_script(connection)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName):
            raise Problem(
                f"The role '{user}' owns no schema '{QUEUE_SCHEMA}' in '{connection.info.dbname}'.\n"
                f"Make it as an administrator: CREATE SCHEMA {QUEUE_SCHEMA} AUTHORIZATION {user};\n"
                "or set BROKER_URL to a RabbitMQ or Redis server."
            ) from None
    return True


def _run_script(connection: Connection) -> None:
    """Run PGMQ's script without its first step: to create a schema takes a right over the whole database."""
    script = get_embedded_install_sql()
    assert script.count(_CREATE_SCHEMA) == 1
    connection.execute(script.replace(_CREATE_SCHEMA, "NULL;").encode())
    connection.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(QUEUE_SCHEMA), sql.Literal(_mark())))


def _mark() -> str:
    return f"pgmq {get_embedded_sql_version()}"
