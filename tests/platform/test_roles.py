"""What each database role may do, and what it may not."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction

from loyalty.platform import broker, roles
from tests.platform.throw_away import Server

pytestmark = pytest.mark.pure

Connect = Any


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[str]:
    """A prepared database with a wall: a table of two programs, one with a sequence, a function, a ledger."""
    name = f"rights_{os.getpid()}"
    with server.superuser() as superuser:
        assert roles.ensure_database(superuser, name)
        with server.superuser(name) as inside:
            roles.prepare_database(inside)
            broker.install(inside)
        with psycopg.connect(server.conninfo("owner", name)) as owner:
            owner.execute("CREATE TABLE walled (id serial PRIMARY KEY, program_id int)")
            owner.execute("INSERT INTO walled (program_id) VALUES (1), (2), (2)")
            owner.execute("ALTER TABLE walled ENABLE ROW LEVEL SECURITY")
            owner.execute("ALTER TABLE walled FORCE ROW LEVEL SECURITY")
            owner.execute("CREATE POLICY own ON walled USING (program_id = 1)")
            owner.execute("CREATE TABLE ledger (points int)")
            owner.execute("REVOKE UPDATE, DELETE ON ledger FROM app")
            owner.execute("CREATE FUNCTION seven() RETURNS int LANGUAGE sql AS 'SELECT 7'")
        yield name
        superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def connect(server: Server, database: str) -> Iterator[Connect]:
    """Open an autocommit connection as a role."""
    opened = []

    def connect(role: str) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(server.conninfo(role, database), autocommit=True))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def test_no_role_is_a_superuser_or_may_make_roles_or_databases(connect: Connect) -> None:
    found = connect("app").execute(
        "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls "
        "FROM pg_roles WHERE rolname = ANY (%s) ORDER BY 1",
        [list(roles.ROLES)],
    )

    assert found.fetchall() == [
        ("app", False, False, False, False, False),
        ("auditor", False, False, False, False, True),
        ("broker", False, False, False, False, False),
        ("owner", False, False, False, False, False),
    ]


class TestApp:
    def test_reads_and_writes_the_rows_of_its_scope_alone(self, connect: Connect) -> None:
        app = connect("app")

        assert app.execute("SELECT count(*) FROM walled").fetchone() == (1,)
        added = app.execute("INSERT INTO walled (program_id) VALUES (1) RETURNING id").fetchone()
        assert app.execute("UPDATE walled SET program_id = 1 WHERE program_id = 2").rowcount == 0
        assert app.execute("DELETE FROM walled WHERE id = %s", added).rowcount == 1
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            app.execute("INSERT INTO walled (program_id) VALUES (2)")

    def test_calls_functions_and_makes_temporary_tables(self, connect: Connect) -> None:
        app = connect("app")
        app.execute("CREATE TEMPORARY TABLE staging (line text)")

        assert app.execute("SELECT seven()").fetchone() == (7,)

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TABLE mine (id int)",
            "CREATE SCHEMA mine",
            "TRUNCATE walled",
            "DROP TABLE walled",
            "ALTER TABLE walled DISABLE ROW LEVEL SECURITY",
            "DROP POLICY own ON walled",
            "SET ROLE owner",
            "SET session_replication_role = replica",
            "SELECT * FROM pgmq.meta",
            "SELECT pg_read_file('/etc/passwd')",
        ],
    )
    def test_is_refused(self, connect: Connect, statement: str) -> None:
        with pytest.raises(InsufficientPrivilege):
            connect("app").execute(statement)

    def test_owns_nothing(self, connect: Connect) -> None:
        owned = connect("app").execute("SELECT relname FROM pg_class WHERE relowner = 'app'::regrole")

        assert owned.fetchall() == []

    def test_does_not_get_back_what_a_migration_took(self, server: Server, database: str, connect: Connect) -> None:
        with server.superuser(database) as superuser:
            roles.ensure_roles(superuser, server.passwords)
            assert not roles.ensure_database(superuser, database)
            roles.prepare_database(superuser)

        app = connect("app")
        app.execute("INSERT INTO ledger VALUES (5)")
        assert app.execute("SELECT points FROM ledger").fetchone() == (5,)
        for statement in ("UPDATE ledger SET points = 6", "DELETE FROM ledger"):
            with pytest.raises(InsufficientPrivilege):
                app.execute(statement)


class TestAuditor:
    def test_reads_every_program(self, connect: Connect) -> None:
        assert connect("auditor").execute("SELECT count(*) FROM walled WHERE program_id = 2").fetchone() == (2,)

    def test_writes_nothing(self, connect: Connect) -> None:
        auditor = connect("auditor")

        with pytest.raises(ReadOnlySqlTransaction):
            auditor.execute("DELETE FROM walled")
        auditor.execute("SET default_transaction_read_only = off")
        for statement in (
            "DELETE FROM walled",
            "INSERT INTO ledger VALUES (1)",
            "SELECT nextval('walled_id_seq')",
            "CREATE TEMPORARY TABLE mine (id int)",
        ):
            with pytest.raises(InsufficientPrivilege):
                auditor.execute(statement)


class TestOwner:
    def test_creates_in_this_database_only(self, connect: Connect) -> None:
        owner = connect("owner")
        owner.execute("CREATE TABLE later (id int)")
        owner.execute("DROP TABLE later")

        for statement in ("CREATE DATABASE other", "CREATE ROLE other", "ALTER ROLE owner SUPERUSER"):
            with pytest.raises(InsufficientPrivilege):
                owner.execute(statement)

    def test_is_bound_by_the_walls_it_builds(self, connect: Connect) -> None:
        assert connect("owner").execute("SELECT count(*) FROM walled").fetchone() == (1,)


class TestBroker:
    def test_sends_and_takes_messages(self, connect: Connect) -> None:
        queue = connect("broker")
        queue.execute("SELECT pgmq.create('bell')")
        queue.execute("SELECT pgmq.send('bell', '{\"ring\": 1}')")

        assert queue.execute("SELECT message FROM pgmq.pop('bell')").fetchone() == ({"ring": 1},)

    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT * FROM public.walled",
            "SELECT public.seven()",
            "CREATE TABLE public.mine (id int)",
            "CREATE SCHEMA mine",
        ],
    )
    def test_sees_nothing_else(self, connect: Connect, statement: str) -> None:
        with pytest.raises(InsufficientPrivilege):
            connect("broker").execute(statement)

    def test_is_installed_once_and_replaced_by_another_version(self, server: Server, database: str) -> None:
        with server.superuser(database) as superuser:
            assert not broker.install(superuser)
            superuser.execute("COMMENT ON SCHEMA pgmq IS 'pgmq 0.0.1'")
            assert broker.install(superuser)
            assert broker.is_current(superuser)
            superuser.execute("SELECT pgmq.create('bell')")
            owners = superuser.execute(
                "SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc WHERE pronamespace = 'pgmq'::regnamespace"
            )
            assert owners.fetchall() == [("broker",)]


def test_a_stranger_to_the_database_is_not_let_in(server: Server, database: str) -> None:
    stranger = f"stranger_{os.getpid()}"
    with server.superuser() as superuser:
        superuser.execute(f"CREATE ROLE {stranger} LOGIN PASSWORD 'stranger'")
        try:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(server.conninfo("app", database), user=stranger, password="stranger")
        finally:
            superuser.execute(f"DROP ROLE {stranger}")


def test_the_printed_script_prepares_a_server_the_same_way(server: Server) -> None:
    """What an administrator is told to run is what the embedded server gets: the statements come from one place."""
    name = f"scripted_{os.getpid()}"
    lines = list(roles.script(name))
    create = next(line for line in lines if line.startswith("CREATE DATABASE"))
    inside = lines[lines.index(f"\\connect {name}") + 1 :]

    with server.superuser() as superuser:
        superuser.execute(create)
        for line in lines[lines.index(create) + 1 : lines.index(f"\\connect {name}")]:
            superuser.execute(line)
        try:
            with server.superuser(name) as prepared:
                for line in inside:
                    prepared.execute(line)
            with psycopg.connect(server.conninfo("owner", name), autocommit=True) as owner:
                owner.execute("CREATE TABLE made (id int)")
            with psycopg.connect(server.conninfo("app", name), autocommit=True) as app:
                assert app.execute("SELECT count(*) FROM made").fetchone() == (0,)
        finally:
            superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
