"""The embedded PostgreSQL server: made, started, found again after a crash, stopped."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import psycopg
from psycopg.conninfo import make_conninfo

from loyalty.platform import binaries, logs, processes
from loyalty.platform.home import SOCKET, Home
from loyalty.platform.problem import Problem
from loyalty.platform.tuning import settings_for

SUPERUSER = "postgres"
PORT = 5432
# Recovery after a crash replays what was written since the last checkpoint.
READY_WITHIN = 120.0
_CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_STOPPING = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))


class Cluster:
    """One server in one home. A ``throw_away`` one trades the safety of its data for speed; tests use it.

    ``settings`` are given to the server beside those of every one.
    """

    log_name = "postgres"

    def __init__(
        self,
        home: Home,
        *,
        password: str,
        log: Path,
        throw_away: bool = False,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.home = home
        self._settings = settings
        self._password = password
        self._log = log
        self._throw_away = throw_away
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_attached(self) -> bool:
        """Whether the server belongs to another process and was only joined."""
        return self._process is None

    @property
    def log_file(self) -> Path:
        """The server's log."""
        return self._log / f"{self.log_name}.log"

    def conninfo(self, *, user: str, password: str, database: str) -> str:
        """A libpq keyword string. The keyword form: kombu drops ``?host=`` from an address and goes to localhost."""
        return make_conninfo(
            host=str(self.home.socket_folder), port=PORT, dbname=database, user=user, password=password
        )

    def superuser(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection past every rule, in autocommit: for creating roles and databases, never for the product."""
        conninfo = self.conninfo(user=SUPERUSER, password=self._password, database=database)
        return psycopg.connect(conninfo, autocommit=True, connect_timeout=5)

    def is_alive(self) -> bool:
        """Whether the server's process runs, ours or the one that was joined."""
        if self._process is not None:
            return self._process.poll() is None
        return self._server_pid() is not None

    def start(self) -> None:
        """Make the data folder if there is none and bring the server up; joins one that runs already.

        Does nothing while the server that was started here runs.
        Returns when a connection succeeds.

        :raises Problem: the data folder is of another major version, or the server does not come up.
        """
        if self._process is not None and self.is_alive():
            return
        self.home.prepare()
        self._process = None
        with self._one_starter():
            if not self._join():
                self._launch()
                self._wait_until_ready()

    def stop(self) -> None:
        """Stop a server that was started here, without waiting for its clients; a joined one is left alone."""
        if self._process is None:
            return
        processes.end([self._process], _STOPPING)
        self._process = None
        if self._server_pid() is None:
            processes.end_all(self._is_backend, patience=2)

    def _launch(self) -> None:
        programs = binaries.runnable_by(self.home.account)
        self._refuse_other_version(programs)
        if not self.home.data.exists():
            self._create_data(programs)
        self._clear_leftovers()
        settings = {**settings_for(self.home, throw_away=self._throw_away), **self._settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with logs.appended(self._log, self.log_name) as output:
            self._process = processes.spawn(
                [programs.program("postgres"), "-D", str(self.home.data), *options],
                output=output,
                environment=_CLEAN_ENVIRONMENT,
                folder=Path("/"),
                death_signal=signal.SIGINT,
                identity=self.home.account.identity,
            )

    def _refuse_other_version(self, programs: binaries.Binaries) -> None:
        marker = self.home.data / "PG_VERSION"
        if not marker.exists():
            return
        found, ours = marker.read_text().strip(), str(programs.major_version())
        if found != ours:
            raise Problem(
                f"The database in {self.home.data} was made by PostgreSQL {found}; this version brings PostgreSQL"
                f" {ours}, which cannot read it.\n"
                f"Save it with pg_dump of PostgreSQL {found} (pg_dump -Fc loyalty > loyalty.dump), move the folder"
                f" away, start again,\nand bring it back with {programs.program('pg_restore')}."
            )

    def _create_data(self, programs: binaries.Binaries) -> None:
        """Make the data folder beside its place and move it there whole: a killed start leaves no half of it."""
        account, unfinished = self.home.account, self.home.folder / "data.unfinished"
        account.remove(unfinished)
        secret = self.home.folder / "initial-password"
        secret.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self._password)
        account.own(secret)
        command = [programs.program("initdb"), "-D", str(unfinished), "-U", SUPERUSER, f"--pwfile={secret}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"]
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self._throw_away:
            command.append("--no-sync")
        try:
            done = self._perform(command)
        finally:
            secret.unlink()
        if done.returncode != 0:
            raise Problem(f"PostgreSQL could not make its data folder in {self.home.folder}:\n{done.stdout.strip()}")
        unfinished.rename(self.home.data)

    def _perform(self, command: Sequence[str], **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run one of PostgreSQL's programs to its end, as the account that owns the data."""
        return subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={**_CLEAN_ENVIRONMENT, **variables},
            **self.home.account.identity,
        )

    def _server_pid(self) -> int | None:
        """The running server of this data folder. A lock file alone proves nothing: its number may be another's now."""
        try:
            pid = int((self.home.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if self._is_server(pid) and processes.is_running(pid) else None

    def _is_server(self, pid: int) -> bool:
        arguments = processes.command_line(pid)
        return len(arguments) > 2 and Path(arguments[0]).name == "postgres" and arguments[2] == str(self.home.data)

    def _is_backend(self, pid: int) -> bool:
        """Whether a process is a child of this home's server; PostgreSQL writes ``cluster_name`` into their titles."""
        title = processes.command_line(pid)
        return bool(title) and title[0].startswith(f"postgres: loyalty-{self.home.token}: ")

    def _clear_leftovers(self) -> None:
        """After ``kill -9`` of the server: end its orphans, which hold its memory, and remove its lock files.

        Called when no server runs. Lock files carry a process id only; where ids are reused soon (a container that
        starts again) PostgreSQL would take any process of that id for a living server.
        """
        processes.end_all(self._is_backend, patience=1)
        locks = (
            self.home.data / "postmaster.pid",
            *(self.home.socket_folder / name for name in (SOCKET, f"{SOCKET}.lock")),
        )
        for path in locks:
            path.unlink(missing_ok=True)

    def _join(self) -> bool:
        """Whether a server of this folder runs and answers; one that is on its way down is waited for and gone then."""
        if not processes.wait_until(lambda: self._server_pid() is None or self._is_answering(), seconds=READY_WITHIN):
            raise Problem(self._silence())
        return self._server_pid() is not None

    def _wait_until_ready(self) -> None:
        if not processes.wait_until(lambda: not self.is_alive() or self._is_answering(), seconds=READY_WITHIN):
            self.stop()
            raise Problem(self._silence())
        if not self.is_alive():
            raise Problem(f"PostgreSQL did not start. The end of {self.log_file}:\n{logs.tail(self.log_file)}")

    def _silence(self) -> str:
        return (
            f"PostgreSQL did not answer within {READY_WITHIN:.0f} seconds. The end of {self.log_file}:\n"
            f"{logs.tail(self.log_file)}"
        )

    def _is_answering(self) -> bool:
        """Whether a connection succeeds now.

        :raises Problem: the server does not know our password.
        """
        try:
            self.superuser().close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Problem(
                    f"The password kept in {self._log.parent} is not that of the database in {self.home.data}.\n"
                    "Put back the secrets.json that belongs to it."
                ) from None
            return False
        return True

    @contextmanager
    def _one_starter(self) -> Iterator[None]:
        """Let one process at a time look and start; the lock ends with its holder, however that ends."""
        path = self.home.folder / "start.lock"
        with path.open("w") as lock:
            self.home.account.own(path)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
