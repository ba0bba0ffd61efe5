"""`start-replica`: a replica of the embedded server, from an empty folder to a query."""

import json
import signal

import psycopg
import pytest

from loyalty.platform import keys, processes
from tests.platform.whole import Platform

pytestmark = pytest.mark.pure


def test_a_replica_of_the_embedded_server_is_made_found_and_stopped(platform: Platform) -> None:
    command = platform.start("start-replica")
    found = platform.places.var / keys.ENVIRONMENT_FILE

    def is_published() -> bool:
        return found.exists() and "REPLICA_DATABASE_URL" in json.loads(found.read_text())

    try:
        assert processes.wait_until(is_published, seconds=60), command.stdout
        environment = json.loads(found.read_text())
        with (
            psycopg.connect(environment["MIGRATE_DATABASE_URL"]) as primary,
            psycopg.connect(environment["REPLICA_DATABASE_URL"], autocommit=True) as replica,
        ):
            primary.execute("CREATE TABLE probe AS SELECT 42 AS answer")
            primary.commit()
            assert processes.wait_until(lambda: _is_there(replica), seconds=20)
            assert replica.execute("SELECT current_user, pg_is_in_recovery()").fetchone() == ("app", True)
            assert replica.execute("SELECT answer FROM probe").fetchone() == (42,)
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                replica.execute("DELETE FROM probe")
    finally:
        command.send_signal(signal.SIGINT)
        output, _ = command.communicate(timeout=60)
    assert command.returncode == 0, output
    assert "The replica follows." in output


def _is_there(replica: "psycopg.Connection[tuple[object, ...]]") -> bool:
    row = replica.execute("SELECT to_regclass('probe') IS NOT NULL").fetchone()
    return bool(row and row[0])
