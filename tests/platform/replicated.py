"""A primary and its streaming replica, apart from the server of the run: that one writes too little for a replica."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from loyalty.kernel import replica as routing
from loyalty.platform import processes, roles
from loyalty.platform.account import Account
from loyalty.platform.home import Home
from loyalty.platform.places import Places
from loyalty.platform.postgres import SUPERUSER
from loyalty.platform.standby import Standby
from tests.platform.leading import led_to
from tests.platform.throw_away import Server, ThrowAway

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "replicated"
# Everything that is committed is written at once: the position of the primary says what there is.
_REPLICATES = {"synchronous_commit": "on", "wal_level": "replica", "max_wal_senders": "4", "wal_keep_size": "256MB"}


@dataclass(frozen=True)
class Pair:
    """The primary and what follows it."""

    primary: Server
    standby: Standby
    replica: Server

    def caught_up(self) -> None:
        """Wait until the replica has repeated everything that is written now."""
        with self.primary.superuser() as primary, self.replica.superuser() as replica:
            row = primary.execute("SELECT pg_current_wal_lsn()").fetchone()
            assert row is not None

            def is_there() -> bool:
                found = replica.execute("SELECT pg_last_wal_replay_lsn() >= %s::text::pg_lsn", [row[0]]).fetchone()
                return bool(found and found[0])

            assert processes.wait_until(is_there, seconds=30)

    @contextmanager
    def replay_paused(self) -> Iterator[None]:
        """Keep the replica where it is, for the length of the block."""
        with self.replica.superuser() as replica:
            replica.execute("SELECT pg_wal_replay_pause()")
            assert processes.wait_until(lambda: _state(replica) == "paused", seconds=10)
            try:
                yield
            finally:
                replica.execute("SELECT pg_wal_replay_resume()")


def _state(replica: Any) -> str:
    row = replica.execute("SELECT pg_get_wal_replay_pause_state()").fetchone()
    return str(row[0])


@contextmanager
def pair() -> Iterator[Pair]:
    """A migrated primary with its replica, gone after the block."""
    thrown = ThrowAway(Places.here(), settings=_REPLICATES)
    server = thrown.server
    folder = Path(server.folder).with_name(f"{Path(server.folder).name}-replica")
    home = Home(folder, Account.for_data(folder / "data"))
    standby = Standby(home, thrown.cluster, password=server.passwords[SUPERUSER], log=folder, throw_away=True)
    try:
        server.copy_template(DATABASE, PROJECT)
        standby.start()
        yield Pair(server, standby, Server(str(folder), str(home.socket_folder), server.port, server.passwords))
    finally:
        standby.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home.socket_folder, ignore_errors=True)
        thrown.stop()


@contextmanager
def led_to_pair(found: Pair, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lead Django's aliases to the pair for the length of the block."""
    with led_to(found.primary, DATABASE):
        primary = connections.settings["default"]
        options = {**primary["OPTIONS"], "connect_timeout": 3, "options": "-c default_transaction_read_only=on"}
        place = {**primary, **found.replica.settings(roles.APP, DATABASE), "OPTIONS": options}
        patch.setitem(connections.settings, routing.REPLICA, place)
        routing.forget()
        try:
            yield
        finally:
            if any(one.alias == routing.REPLICA for one in connections.all(initialized_only=True)):
                # The next pair stands elsewhere.
                connections[routing.REPLICA].close()
                del connections[routing.REPLICA]
