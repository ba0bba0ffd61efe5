"""`make run`, whole: from an empty folder to a page, through a crash, and back to nothing."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import IO

import pytest

from loyalty.platform import processes, services
from loyalty.platform.places import Places
from tests.platform.conftest import PROJECT, kill

pytestmark = pytest.mark.pure

_OURS = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "MIGRATE_DATABASE_URL", "AUDITOR_DATABASE_URL", "BROKER_URL")


@dataclass
class Platform:
    """`python -m loyalty.platform` in a folder of its own."""

    places: Places
    port: int

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        environment = {name: value for name, value in os.environ.items() if name not in _OURS}
        environment |= {"VAR_DIR": str(self.places.var), "PORT": str(self.port), "DEMO": "0"}
        return subprocess.Popen(
            [sys.executable, "-m", "loyalty.platform", *arguments],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def perform(self, *arguments: str) -> tuple[int, str]:
        with self.start(*arguments) as command:
            output, _ = command.communicate(timeout=120)
        return command.returncode, output

    def status(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def processes(self) -> list[int]:
        is_child, data = processes.carries(services.MARK, str(self.places.var)), str(self.places.postgres / "data")
        return processes.find(lambda pid: is_child(pid) or data in processes.command_line(pid))


@pytest.fixture
def platform(places: Places) -> Platform:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    return Platform(places, port)


def read_until(stream: IO[str] | None, word: str) -> str:
    assert stream is not None
    seen = ""
    for line in stream:
        seen += line
        if word in line:
            return seen
    pytest.fail(f"'{word}' was never said:\n{seen}")


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
