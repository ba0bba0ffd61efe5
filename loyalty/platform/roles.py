"""The database's roles and what each of them may do.

* ``owner`` owns the tables and runs migrations; it may create in this database only.
* ``app`` runs the product: it owns nothing and row-level security binds it. It reads and writes each table that
  ``owner`` makes, unless a migration takes something back (a ledger is append-only).
* ``auditor`` reads everything, past row-level security, and can write nothing: the proofs run as it.
* ``broker`` owns the queue tables in the schema ``pgmq`` and sees nothing else.

All statements may be run again. None grants anything on tables that exist: that would give back to ``app`` what a
migration took from it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import sql

DATABASE = "loyalty"
QUEUE_SCHEMA = "pgmq"
OWNER, APP, AUDITOR, BROKER = "owner", "app", "auditor", "broker"
ROLES = (OWNER, APP, AUDITOR, BROKER)
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")

_NOTHING = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT"
_ATTRIBUTES: Mapping[str, LiteralString] = {
    OWNER: f"{_NOTHING} NOBYPASSRLS",
    APP: f"{_NOTHING} NOBYPASSRLS",
    AUDITOR: f"{_NOTHING} BYPASSRLS",
    BROKER: f"{_NOTHING} NOBYPASSRLS",
}

# Row and table rights inside one database. Copied with it, so a test's copy of a prepared database has them too.
_INSIDE: tuple[LiteralString, ...] = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "ALTER SCHEMA public OWNER TO owner",
    "GRANT USAGE ON SCHEMA public TO app, auditor",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT USAGE ON SEQUENCES TO app",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO auditor",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON SEQUENCES TO auditor",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT EXECUTE ON FUNCTIONS TO app, auditor",
    "CREATE SCHEMA IF NOT EXISTS pgmq AUTHORIZATION broker",
    "ALTER SCHEMA pgmq OWNER TO broker",
    "REVOKE ALL ON SCHEMA pgmq FROM PUBLIC",
)

# Rights on the database itself. PostgreSQL does not copy these with it. Importing partner files needs TEMPORARY.
_ON_DATABASE: tuple[LiteralString, ...] = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO owner",
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO app",
    "GRANT CONNECT ON DATABASE {database} TO auditor, broker",
)

Connection = psycopg.Connection[Any]


def ensure_roles(superuser: Connection, passwords: Mapping[str, str]) -> None:
    """Create the four roles, or bring them back to their attributes and passwords."""
    for role in ROLES:
        name = sql.Identifier(role)
        if superuser.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
            superuser.execute(sql.SQL("CREATE ROLE {}").format(name))
        # Only the verifier travels: a failing statement would put a plain password into the log.
        verifier = superuser.pgconn.encrypt_password(passwords[role].encode(), role.encode(), b"scram-sha-256").decode()
        attributes = sql.SQL(_ATTRIBUTES[role])
        superuser.execute(sql.SQL("ALTER ROLE {} {} PASSWORD {}").format(name, attributes, sql.Literal(verifier)))
    superuser.execute("ALTER ROLE auditor SET default_transaction_read_only = on")


def ensure_database(superuser: Connection, name: str = DATABASE) -> bool:
    """Create the database if it is missing and set the rights on it; returns whether it was made."""
    is_missing = superuser.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None
    if is_missing:
        superuser.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    grant_database(superuser, name)
    return is_missing


def grant_database(superuser: Connection, name: str) -> None:
    """Let the roles into the database ``name`` and nobody else."""
    for statement in _ON_DATABASE:
        superuser.execute(sql.SQL(statement).format(database=sql.Identifier(name)))


def prepare_database(superuser: Connection) -> None:
    """Set the rights inside the database that ``superuser`` is connected to, and create the extensions."""
    for extension in EXTENSIONS:
        superuser.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    for statement in _INSIDE:
        superuser.execute(statement)


def script(database: str = DATABASE) -> Iterator[str]:
    """The same as SQL for ``psql``, for the administrator of a server of one's own."""
    yield "-- Run with psql as an administrator of the server; put passwords in place of the dots."
    yield "-- BYPASSRLS may be left out where the server does not allow it: each table has a policy for the auditor."
    for role in ROLES:
        yield f"CREATE ROLE {role} {_ATTRIBUTES[role]} PASSWORD '...';"
    yield "ALTER ROLE auditor SET default_transaction_read_only = on;"
    yield (
        f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8'"
        " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';"
    )
    for statement in _ON_DATABASE:
        yield statement.format(database=database) + ";"
    yield f"\\connect {database}"
    for extension in EXTENSIONS:
        yield f"CREATE EXTENSION IF NOT EXISTS {extension};"
    for statement in _INSIDE:
        yield f"{statement};"
