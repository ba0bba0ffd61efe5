"""The whole product, started as `make run` starts it, in a folder of its own."""

import http.client
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from loyalty.platform import processes, services
from loyalty.platform.places import Places

PROJECT = Path(__file__).resolve().parents[2]

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


def read_until(stream: IO[str] | None, word: str) -> str:
    assert stream is not None
    seen = ""
    for line in stream:
        seen += line
        if word in line:
            return seen
    pytest.fail(f"'{word}' was never said:\n{seen}")
