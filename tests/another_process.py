"""Another process that works in the database of a test, to be killed."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL

from django.db import connections
from psycopg.conninfo import make_conninfo

PROJECT = Path(__file__).resolve().parents[1]
_MOMENT = threading.Event()
_NAMES = {"default": "DATABASE_URL", "owner": "MIGRATE_DATABASE_URL", "auditor": "AUDITOR_DATABASE_URL"}


def start(script: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Run a script with arguments by an interpreter of its own."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=PROJECT, env=_environment())


def kill_when(worker: subprocess.Popen[bytes], has_come: Callable[[], bool]) -> None:
    """Kill it as the machine would, once something has come; it must not have ended by itself."""
    while not has_come() and worker.poll() is None:
        _MOMENT.wait(0.01)
    worker.send_signal(SIGKILL)
    assert worker.wait() == -SIGKILL


def _environment() -> dict[str, str]:
    found = {"DJANGO_SETTINGS_MODULE": "loyalty.settings.test", "PYTHONPATH": str(PROJECT)}
    for alias, name in _NAMES.items():
        one = connections.settings[alias]
        found[name] = make_conninfo(
            host=one["HOST"], port=one["PORT"] or None, dbname=one["NAME"], user=one["USER"],
            password=one["PASSWORD"] or None,
        )  # fmt: skip
    return {**os.environ, **found}
