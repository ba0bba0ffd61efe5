"""The database server of a test run: real, unsafe against power cuts, and gone when the run ends.

One cluster serves the run. A template database is migrated once, as role ``owner`` like in production; each worker gets
a copy of it. The stopped cluster is kept in ``var/test-template`` under the hash of everything that a migration can
depend on, so that the next run with the same sources need not migrate.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import sql

from loyalty.platform import processes, roles
from loyalty.platform.account import Account
from loyalty.platform.home import Home
from loyalty.platform.keys import Secrets
from loyalty.platform.places import Places
from loyalty.platform.postgres import PORT, SUPERUSER, Cluster
from tests.platform import cleaning
from tests.platform.fingerprint import fingerprint

TEMPLATE = "template"
KEPT_CACHES = 2
_PREFIX = "loyalty-test-"


@dataclass(frozen=True)
class Server:
    """How a worker reaches the run's cluster. Plain data: the controller sends it to the workers."""

    folder: str
    socket: str
    port: int
    passwords: dict[str, str]

    def settings(self, role: str, database: str) -> dict[str, str]:
        """The keys of Django's database entry."""
        place = {"HOST": self.socket, "PORT": str(self.port), "NAME": database}
        return {**place, "USER": role, "PASSWORD": self.passwords[role]}

    def conninfo(self, role: str, database: str) -> str:
        """A libpq keyword string for a role or the superuser."""
        return psycopg.conninfo.make_conninfo(
            host=self.socket, port=self.port, user=role, password=self.passwords[role], dbname=database
        )

    def superuser(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A connection past every rule, in autocommit."""
        return psycopg.connect(self.conninfo(SUPERUSER, database), autocommit=True)

    def copy_template(self, name: str, project: Path) -> None:
        """Make the database ``name``; the first call of a run migrates the template unless the cache had it."""
        with self._one_at_a_time(), self.superuser() as superuser:
            self._ensure_template(superuser, project)
            superuser.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(TEMPLATE)
                )
            )
            roles.grant_database(superuser, name)

    def _ensure_template(self, superuser: psycopg.Connection[Any], project: Path) -> None:
        failed = Path(self.folder) / "migration-failed"
        if failed.exists():
            raise AssertionError(f"the migrations failed:\n{failed.read_text()}")
        if superuser.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is not None:
            return
        building = f"{TEMPLATE}_unfinished"
        roles.ensure_database(superuser, building)
        with self.superuser(building) as inside:
            roles.prepare_database(inside)
        done = _migrate(self, building, project)
        if done.returncode != 0:
            failed.write_text(done.stdout)
            raise AssertionError(f"the migrations failed:\n{done.stdout}")
        with self.superuser(building) as inside:
            cleaning.keep_rows(inside)
        superuser.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(TEMPLATE))
        )

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with (Path(self.folder) / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _migrate(server: Server, database: str, project: Path) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "loyalty.settings.test",
        "DATABASE_URL": server.conninfo(roles.APP, database),
        "MIGRATE_DATABASE_URL": server.conninfo(roles.OWNER, database),
        "AUDITOR_DATABASE_URL": server.conninfo(roles.AUDITOR, database),
    }
    command = [sys.executable, "manage.py", "migrate", "--database", "owner", "--no-input", "--skip-checks"]
    return subprocess.run(
        command,
        env=environment,
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class ThrowAway:
    """The run's cluster, in the hands of the process that started the run."""

    def __init__(self, places: Places, *, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        _remove_abandoned()
        places.prepare()
        self._places = places
        self._account = Account.for_data(Path("/nonexistent"))
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_temporary_folder(self._account)))
        self._account.own(self._folder)
        self._fingerprint = fingerprint(places.project)
        cached = self._take_from_cache()
        self._secrets = cached or Secrets.new()
        self._cluster = Cluster(
            Home(self._folder, self._account),
            password=self._secrets.superuser,
            log=self._folder,
            throw_away=True,
            settings=settings,
        )
        self._cluster.start()
        if cached is None:
            with self._cluster.superuser() as superuser:
                roles.ensure_roles(superuser, asdict(self._secrets))

    @property
    def server(self) -> Server:
        """How to reach it."""
        home = self._cluster.home
        passwords = {role: str(getattr(self._secrets, role)) for role in roles.ROLES}
        passwords[SUPERUSER] = self._secrets.superuser
        return Server(str(self._folder), str(home.socket_folder), PORT, passwords)

    @property
    def cluster(self) -> Cluster:
        """The server itself."""
        return self._cluster

    def stop(self) -> None:
        """Stop the cluster; keep it if it holds a template that the cache lacks, else delete it."""
        is_worth_keeping = self._cluster.is_alive() and self._leave_only_template()
        self._cluster.stop()
        # Sources that changed during the run: it is unknown which of them the template was migrated by.
        if is_worth_keeping and fingerprint(self._places.project) == self._fingerprint:
            self._put_into_cache()
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.rmtree(self._cluster.home.socket_folder, ignore_errors=True)

    def _leave_only_template(self) -> bool:
        """Drop the workers' databases if the cache lacks this cluster's template; returns whether it does."""
        with self._cluster.superuser() as superuser:
            names = [row[0] for row in superuser.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")]
            is_worth_keeping = TEMPLATE in names and not self._cache.exists()
            if is_worth_keeping:
                for name in set(names) - {TEMPLATE, "postgres"}:
                    superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        return is_worth_keeping

    @property
    def _cache(self) -> Path:
        return self._places.var / "test-template" / self._fingerprint

    @contextmanager
    def _cache_lock(self) -> Iterator[None]:
        self._cache.parent.mkdir(exist_ok=True)
        with (self._cache.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _take_from_cache(self) -> Secrets | None:
        with self._cache_lock():
            if not self._cache.exists():
                return None
            shutil.copytree(self._cache / "data", self._folder / "data", symlinks=True)
            self._account.own(self._folder)
            os.utime(self._cache)
            return Secrets(**json.loads((self._cache / "secrets.json").read_text()))

    def _put_into_cache(self) -> None:
        with self._cache_lock():
            unfinished = self._cache.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700)
            shutil.move(self._folder / "data", unfinished / "data")
            (unfinished / "secrets.json").write_text(json.dumps(asdict(self._secrets)))
            if not self._cache.exists():
                unfinished.rename(self._cache)
            kept = sorted((path for path in self._cache.parent.iterdir() if path.is_dir()), key=_used_at, reverse=True)
            for old in kept[KEPT_CACHES:]:
                shutil.rmtree(old)


def _used_at(path: Path) -> float:
    return path.stat().st_mtime


def _temporary_folder(account: Account) -> Path:
    """The temporary folder, unless PostgreSQL's account cannot reach the one of the user."""
    usual = Path(tempfile.gettempdir())
    return usual if account.can_enter(usual) else Path("/tmp")


def _remove_abandoned() -> None:
    """Delete what killed runs left behind; PostgreSQL itself went with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not processes.is_running(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
