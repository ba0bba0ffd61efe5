"""A process of the product beside this one, started by it: it goes to the same database as the same role.

A worker's process may have no children that share its memory, so a companion is a command of its own; what is asked and
answered goes through pipes.
"""

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from typing import IO, Any

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

ENDS_WITHIN = 10.0


def start(command: str) -> "subprocess.Popen[bytes]":
    """Start a companion that runs a command of the product; whoever starts it ends it."""
    return subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment(), cwd=settings.BASE_DIR,
    )  # fmt: skip


def end(companion: "subprocess.Popen[bytes]") -> None:
    """Let a companion finish what it has at hand, and end it where that takes too long."""
    for stream in (companion.stdin, companion.stdout):
        assert stream is not None
        # It may have ended in the middle of being told something.
        with suppress(BrokenPipeError):
            stream.close()
    try:
        companion.wait(timeout=ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        companion.kill()
        companion.wait()


def send(stream: IO[bytes], what: object) -> None:
    """Write one object. Pickled: the other end is our own process, started by us."""
    pickle.dump(what, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one object.

    :raises EOFError: the other end is gone.
    """
    return pickle.load(stream)


def _environment() -> dict[str, str]:
    """The environment of a companion: it goes to the database of this connection, whatever the environment says."""
    connection.ensure_connection()
    info = connection.connection.info
    return {**os.environ, "DATABASE_URL": make_conninfo(info.dsn, password=info.password or None)}
