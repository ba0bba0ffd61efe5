"""A server of one's own: what is refused before the start, and with which advice."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import psycopg
import pytest
from psycopg import sql

from loyalty.platform import broker, roles, servers
from loyalty.platform.problem import Problem
from tests.platform.throw_away import Server

pytestmark = pytest.mark.pure


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    name = f"own_{os.getpid()}"
    with server.superuser() as superuser:
        roles.ensure_database(superuser, name)
        with server.superuser(name) as inside:
            roles.prepare_database(inside)
        yield name
        superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def environment(server: Server, database: str) -> dict[str, str]:
    return {
        "DATABASE_URL": server.conninfo("app", database),
        "MIGRATE_DATABASE_URL": server.conninfo("owner", database),
        "AUDITOR_DATABASE_URL": server.conninfo("auditor", database),
        "BROKER_URL": "pgmq://",
        "BROKER_CONNINFO": server.conninfo("broker", database),
    }


@pytest.fixture
def faulty(server: Server, database: str) -> Iterator[Callable[[str], str]]:
    """The address of a role like ``app`` with a fault; the real one serves the other tests meanwhile."""
    role = f"faulty_{os.getpid()}"
    with server.superuser(database) as superuser:
        superuser.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'faulty'")
        superuser.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(*map(sql.Identifier, (database, role))))

        def make(statement: str) -> str:
            superuser.execute(statement.format(role=role))
            return psycopg.conninfo.make_conninfo(server.conninfo("app", database), user=role, password="faulty")

        yield make
        superuser.execute(f"DROP OWNED BY {role}")
        superuser.execute(f"DROP ROLE {role}")


def test_accepts_a_server_as_the_script_prepares_it(environment: dict[str, str]) -> None:
    before = dict(environment)

    servers.check_own_server(environment)

    assert environment == before


@pytest.mark.parametrize("name", ["MIGRATE_DATABASE_URL", "AUDITOR_DATABASE_URL", "BROKER_URL", "BROKER_CONNINFO"])
def test_names_the_missing_variable(environment: dict[str, str], name: str) -> None:
    del environment[name]

    with pytest.raises(Problem, match=name):
        servers.check_own_server(environment)


def test_accepts_a_replica_that_is_away(environment: dict[str, str]) -> None:
    environment["REPLICA_DATABASE_URL"] = "host=/nonexistent dbname=loyalty user=app password=none"
    before = dict(environment)

    servers.check_own_server(environment)

    assert environment == before


def test_refuses_a_replica_asked_as_another_role(environment: dict[str, str]) -> None:
    environment["REPLICA_DATABASE_URL"] = environment["AUDITOR_DATABASE_URL"]

    with pytest.raises(Problem, match="REPLICA_DATABASE_URL uses the role 'auditor'; use 'app'"):
        servers.check_own_server(environment)


def test_refuses_one_role_for_all(environment: dict[str, str]) -> None:
    environment["DATABASE_URL"] = environment["MIGRATE_DATABASE_URL"]

    with pytest.raises(Problem, match="same role 'owner'"):
        servers.check_own_server(environment)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("ALTER ROLE {role} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {role} BYPASSRLS", "bypasses row-level security"),
        ("CREATE TABLE mine (id int); ALTER TABLE mine OWNER TO {role}", "owns 1 tables"),
        ("GRANT owner TO {role}", "is a member of 'owner'"),
    ],
)
def test_refuses_a_role_that_walls_do_not_bind(
    environment: dict[str, str], faulty: Callable[[str], str], fault: str, words: str
) -> None:
    environment["DATABASE_URL"] = faulty(fault)

    with pytest.raises(Problem, match=words):
        servers.check_own_server(environment)


def test_tells_which_address_leads_nowhere(environment: dict[str, str]) -> None:
    environment["AUDITOR_DATABASE_URL"] += " dbname=nowhere"

    with pytest.raises(Problem, match="AUDITOR_DATABASE_URL does not lead to a database"):
        servers.check_own_server(environment)


def test_refuses_an_address_that_is_none() -> None:
    everything = dict.fromkeys(("DATABASE_URL", "MIGRATE_DATABASE_URL", "AUDITOR_DATABASE_URL"), "mysql://here")

    with pytest.raises(Problem, match="postgresql://role:password@host"):
        servers.check_own_server({**everything, "BROKER_URL": "redis://localhost"})


class _Pooler:
    """What a pooling proxy does: each transaction gets whichever of its server connections is next."""

    def __init__(self, backends: list[psycopg.Connection[Any]]) -> None:
        self._backends = backends
        self._turn = -1

    def next(self) -> psycopg.Connection[Any]:
        self._turn += 1
        return self._backends[self._turn % len(self._backends)]

    @contextmanager
    def connect(self) -> Iterator["_Pooled"]:
        yield _Pooled(self)


class _Pooled:
    def __init__(self, pooler: _Pooler) -> None:
        self._pooler = pooler
        self._held: psycopg.Connection[Any] | None = None

    def execute(self, question: bytes) -> Any:
        return (self._held or self._pooler.next()).execute(question)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._held = self._pooler.next()
        with self._held.transaction():
            yield
        self._held = None


class TestSession:
    @pytest.fixture
    def backends(self, environment: dict[str, str]) -> Iterator[list[psycopg.Connection[Any]]]:
        opened = [psycopg.connect(environment["DATABASE_URL"], autocommit=True) for _ in range(3)]
        yield opened
        for connection in opened:
            connection.close()

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_refuses_a_proxy_that_shares_sessions(self, backends: list[Any], size: int) -> None:
        pooler = _Pooler(backends[:size])

        with pytest.raises(Problem, match="pool_mode = session"):
            servers.check_session_is_kept(pooler.connect)

    def test_accepts_sessions_of_their_own(self, backends: list[Any]) -> None:
        opened: list[Any] = []

        def connect() -> AbstractContextManager[Any]:
            opened.append(backends[len(opened)])
            return nullcontext(opened[-1])

        servers.check_session_is_kept(connect)

        assert len({connection.info.backend_pid for connection in opened}) == len(opened) == 2


class TestBrokerWithoutAdministrator:
    def test_installs_into_the_schema_that_it_owns(self, environment: dict[str, str]) -> None:
        assert broker.install_as_broker(environment["BROKER_CONNINFO"])
        assert not broker.install_as_broker(environment["BROKER_CONNINFO"])

        with psycopg.connect(environment["BROKER_CONNINFO"], autocommit=True) as queue:
            queue.execute("SELECT pgmq.create('bell')")
            assert queue.execute("SELECT queue_name FROM pgmq.list_queues()").fetchall() == [("bell",)]

    @pytest.mark.parametrize(
        "fault", ["DROP SCHEMA pgmq CASCADE", "ALTER SCHEMA pgmq OWNER TO owner; REVOKE ALL ON SCHEMA pgmq FROM broker"]
    )
    def test_says_which_schema_is_missing(
        self, server: Server, database: str, environment: dict[str, str], fault: str
    ) -> None:
        with server.superuser(database) as superuser:
            superuser.execute(fault)

        with pytest.raises(Problem, match="CREATE SCHEMA pgmq AUTHORIZATION broker;"):
            broker.install_as_broker(environment["BROKER_CONNINFO"])

    def test_refuses_tables_of_another_version(
        self, server: Server, database: str, environment: dict[str, str]
    ) -> None:
        with server.superuser(database) as superuser:
            broker.install(superuser)
            superuser.execute("COMMENT ON SCHEMA pgmq IS 'pgmq 0.0.1'")

        with pytest.raises(Problem, match="tables of another version"):
            broker.install_as_broker(environment["BROKER_CONNINFO"])
