"""The product as `make run` starts it, in the settings of production, on a server and in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from loyalty.platform import processes, roles, services
from loyalty.platform.account import Account
from loyalty.platform.address import Address
from loyalty.platform.installation import Installation
from loyalty.platform.places import Places
from tests.platform.fingerprint import fingerprint
from tests.platform.throw_away import TEMPLATE, ThrowAway

SETTINGS = "loyalty.settings.production"
# No limit of requests a second that the machine could reach; of tests, not of the product.
_UNLIMITED = {"API_RATE_PER_KEY": "10000000", "API_RATE_PER_MEMBER": "1000000"}
_NAMES_A_SERVER = ("DATABASE_URL", "MIGRATE_DATABASE_URL", "AUDITOR_DATABASE_URL", "BROKER_URL", "BROKER_CONNINFO")
WEB_READY_WITHIN = 60.0


@dataclass(frozen=True)
class Web:
    """A running web server: its address, and the process whose children are its workers."""

    host: str
    port: int
    pid: int


def run_inside(module: str, arguments: Sequence[str]) -> int:
    """Make a fresh database with everything migrated and run ``module`` of this package on it; returns the exit code."""
    project = Places.here()
    places = Places(project.project, _folder())
    environment, before = _environment(places), dict(os.environ)
    signal.signal(signal.SIGTERM, _end)
    try:
        _become(environment)
        _take_migrated(project, places)
        with _database(Installation.of(places)):
            command = [sys.executable, "-m", "tests.bench.paths.inside", module, *arguments]
            return subprocess.run(command, cwd=places.project, env=environment).returncode
    finally:
        shutil.rmtree(places.var, ignore_errors=True)
        _become(before)


def _end(number: int, frame: object) -> None:
    """Ended from outside, the server and the folder go as well; a second signal does not cut that short."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


@contextmanager
def _database(installation: Installation) -> Iterator[None]:
    """The migrated database as `make run` would have it, for the length of a block."""
    try:
        installation.cluster.start()
        with installation.cluster.superuser() as superuser:
            names = map(sql.Identifier, (TEMPLATE, roles.DATABASE))
            superuser.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
        installation.start()
        installation.install_broker()
        yield
    finally:
        installation.cluster.stop()


def _take_migrated(project: Places, places: Places) -> None:
    """Begin with the migrated database of the tests: the same tables, made by the same migrations."""
    kept = project.var / "test-template" / fingerprint(project.project)
    if not kept.exists():
        server = ThrowAway(project)
        try:
            server.server.copy_template("bench", project.project)
        finally:
            server.stop()
    assert kept.exists(), "the sources changed while the tables were made: start again"
    account = Account.for_data(Path("/nonexistent"))
    account.make_folder(places.postgres)
    shutil.copytree(kept / "data", places.postgres / "data", symlinks=True)
    account.own(places.postgres)
    shutil.copy(kept / "secrets.json", places.var / "secrets.json")


def here() -> Installation:
    """The installation that :func:`run_inside` made, seen from inside."""
    return Installation.of(Places.here())


@contextmanager
def web(places: Places) -> Iterator[Web]:
    """The web server of `make run`, with its usual workers and threads, for the length of a block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = Address(*probe.getsockname())
    service = services.web(places, host=address.host, port=address.port)
    with (places.log / "web.log").open("ab") as output:
        child = processes.spawn(
            service.command, output=output, environment=services.environment(places), folder=places.project
        )
    try:
        processes.wait_until(lambda: address.answers() or child.poll() is not None, seconds=WEB_READY_WITHIN)
        assert address.answers(), (places.log / "web.log").read_text()[-4000:]
        yield Web(address.host, address.port, child.pid)
    finally:
        processes.end([child], service.stopping)


def _folder() -> Path:
    """Open to PostgreSQL's account, which for root is another."""
    folder = Path(tempfile.mkdtemp(prefix="loyalty-bench-"))
    folder.chmod(0o755)
    return folder


def _become(environment: Mapping[str, str]) -> None:
    """Let this process, which starts the others, be of one installation."""
    os.environ.clear()
    os.environ.update(environment)


def _environment(places: Places) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _NAMES_A_SERVER}
    return {**kept, **_UNLIMITED, "VAR_DIR": str(places.var), "DJANGO_SETTINGS_MODULE": SETTINGS}
