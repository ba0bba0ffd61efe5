"""A PostgreSQL server and a broker of one's own: nothing is created there, everything is checked before the start."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from loyalty.platform.problem import Problem

OLDEST_VERSION = 180000
_NEEDED = {
    "MIGRATE_DATABASE_URL": "the same database as the role that owns the tables",
    "AUDITOR_DATABASE_URL": "the same database as the role that reads everything",
    "BROKER_URL": "amqp://... (RabbitMQ), redis://..., or pgmq:// with BROKER_CONNINFO naming the role 'broker'",
}
_PREPARE = "The statements that prepare a server: python -m loyalty.platform roles-sql"

_SESSION = "SELECT pg_backend_pid(), current_setting('app.probe', true)"

Connection = psycopg.Connection[Any]
Connect = Callable[[], Connection]


def is_own(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the product is pointed at a server of one's own."""
    return bool(environment.get("DATABASE_URL"))


def check_own_server(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse a server on which the product would be slow, unsafe or broken.

    :raises Problem: what is wrong and what to do.
    """
    missing = [f"  {name}: {meaning}" for name, meaning in _NEEDED.items() if not environment.get(name)]
    if missing:
        raise Problem(
            "DATABASE_URL names a server of your own; set these too:\n" + "\n".join(missing) + f"\n{_PREPARE}"
        )
    if environment["BROKER_URL"].startswith("pgmq:") and not environment.get("BROKER_CONNINFO"):
        raise Problem("BROKER_URL is pgmq://; set BROKER_CONNINFO too: host=... dbname=... user=broker password=...")
    application, owner = environment["DATABASE_URL"], environment["MIGRATE_DATABASE_URL"]
    if _role(application) == _role(owner):
        raise Problem(
            f"DATABASE_URL and MIGRATE_DATABASE_URL use the same role '{_role(owner)}'. The product must not own its"
            f" tables:\nrow-level security would not bind it. {_PREPARE}"
        )
    with _connection("DATABASE_URL", application) as connection:
        check_version(connection)
        check_application_role(connection, owner=_role(owner))
    check_session_is_kept(lambda: psycopg.connect(application, autocommit=True))
    for name in ("MIGRATE_DATABASE_URL", "AUDITOR_DATABASE_URL"):
        _connection(name, environment[name]).close()
    if replica := environment.get("REPLICA_DATABASE_URL"):
        check_replica(replica, application=_role(application))


def check_replica(conninfo: str, *, application: str) -> None:
    """Refuse a replica that is asked as another role than the product's: walls might not bind it. It may be away.

    :raises Problem: another role, or a proxy that shares sessions between transactions.
    """
    if _role(conninfo) != application:
        raise Problem(
            f"REPLICA_DATABASE_URL uses the role '{_role(conninfo)}'; use '{application}', as DATABASE_URL does: the walls\n"
            "between programs bind that one on the replica, too."
        )
    try:
        psycopg.connect(conninfo, connect_timeout=3).close()
    except psycopg.OperationalError:
        return
    check_session_is_kept(lambda: psycopg.connect(conninfo, autocommit=True), name="REPLICA_DATABASE_URL")


def check_version(connection: Connection) -> None:
    """:raises Problem: the server is older than PostgreSQL 18."""
    if connection.info.server_version < OLDEST_VERSION:
        found = connection.info.parameter_status("server_version")
        raise Problem(
            f"The server of DATABASE_URL is PostgreSQL {found}; the product needs 18 or newer.\n"
            "Upgrade it (pg_upgrade, or pg_dump and pg_restore), or unset DATABASE_URL to use the embedded one."
        )


def check_application_role(connection: Connection, *, owner: str) -> None:
    """:raises Problem: row-level security would not bind the role of ``connection``."""
    row = connection.execute(
        """
        SELECT r.rolsuper, r.rolbypassrls,
               (SELECT count(*) FROM pg_class c
                WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'),
               EXISTS (SELECT FROM pg_roles o WHERE o.rolname = %s AND pg_has_role(r.oid, o.oid, 'MEMBER'))
        FROM pg_roles r WHERE r.rolname = current_user
        """,
        [owner],
    ).fetchone()
    assert row is not None
    is_superuser, bypasses, owned, is_member = row
    role = connection.info.user
    faults = [
        (is_superuser, "is a superuser", f"ALTER ROLE {role} NOSUPERUSER;"),
        (bypasses, "bypasses row-level security", f"ALTER ROLE {role} NOBYPASSRLS;"),
        (owned, f"owns {owned} tables", f"REASSIGN OWNED BY {role} TO {owner};"),
        (is_member, f"is a member of '{owner}'", f"REVOKE {owner} FROM {role};"),
    ]
    found = [(fault, cure) for applies, fault, cure in faults if applies]
    if found:
        raise Problem(
            f"The role '{role}' of DATABASE_URL {' and '.join(fault for fault, _ in found)}; one program could read"
            " another's data.\nCure it as an administrator: " + " ".join(cure for _, cure in found)
        )


def check_session_is_kept(connect: Connect, *, name: str = "DATABASE_URL") -> None:
    """Refuse a proxy that gives each transaction any session: whose data may be read is a setting of the session.

    Two connections ask in turn. Each must keep the session that it began with, whatever the other does, however the
    proxy chooses (the last one used, or one after the other).

    :raises Problem: the connections share a session, or the setting did not survive.
    """
    with connect() as first, connect() as second:
        before = _session(first, "SELECT pg_backend_pid(), set_config('app.probe', 'kept', false)")
        others = {_session(second, _SESSION) for _ in range(3)}
        is_kept = _session(first, _SESSION) == before and len(others) == 1 and others.isdisjoint({before})
    if not is_kept:
        raise Problem(
            f"{name} leads through a proxy that shares sessions between transactions (transaction pooling).\n"
            "Sessions carry whose data may be read, so this could show one program's data to another.\n"
            "Set pool_mode = session in PgBouncer, or connect to PostgreSQL directly; it opens few connections."
        )


def _session(connection: Connection, question: str) -> tuple[int, str | None]:
    row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0], row[1]


def _connection(name: str, conninfo: str) -> Connection:
    try:
        return psycopg.connect(conninfo, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise Problem(f"{name} does not lead to a database: {error}\nCheck the address, role and password.") from None


def _role(conninfo: str) -> str:
    try:
        return str(conninfo_to_dict(conninfo).get("user") or "")
    except psycopg.ProgrammingError as error:
        raise Problem(
            f"A database address cannot be read ({error}).\nWrite postgresql://role:password@host:5432/database"
        ) from None
