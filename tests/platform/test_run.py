"""`make run`, whole: from an empty folder to a page, through a crash, and back to nothing."""

import signal

import pytest

from loyalty.platform import processes
from tests.platform.conftest import kill
from tests.platform.whole import Platform, read_until

pytestmark = pytest.mark.pure


def test_runs_recovers_and_stops(platform: Platform) -> None:
    with platform.start("run") as running:
        try:
            said = read_until(running.stdout, "Stop: Ctrl-C")
            assert f"Ready: http://127.0.0.1:{platform.port}/" in said
            assert platform.status("/health/ready") == 200

            code, words = platform.perform("run")
            assert (code, f"running already at http://127.0.0.1:{platform.port}/" in words) == (1, True)

            code, words = platform.perform("psql", "owner", "-Atc", "SELECT current_user, count(*) > 10 FROM pg_tables")
            assert (code, words) == (0, "owner|t\n")

            lock = platform.places.postgres / "data" / "postmaster.pid"
            kill(int(lock.read_text().split("\n")[0]))
            read_until(running.stdout, "[postgres] stopped; starting it again (1 of 5 in a minute)")
            assert processes.wait_until(lambda: platform.status("/health/ready") == 200, seconds=60)

            running.send_signal(signal.SIGTERM)
            said, _ = running.communicate(timeout=60)
        finally:
            running.kill()

    assert running.returncode == 0
    assert said.splitlines()[-5:] == [
        "Stopping web",
        "Stopping beat",
        "Stopping worker, reports",
        "Stopping PostgreSQL",
        "Stopped.",
    ]
    assert platform.processes() == []
    assert platform.perform("stop") == (0, "Nothing is running.\n")


def test_a_command_brings_the_database_for_itself(platform: Platform) -> None:
    assert platform.perform("psql", "broker", "-Atc", "SELECT current_user") == (0, "broker\n")
    assert platform.processes() == []


def test_an_unknown_role_is_named(platform: Platform) -> None:
    code, words = platform.perform("psql", "root")

    assert code == 1
    assert "There is no role 'root': owner, app, auditor, broker, postgres." in words
