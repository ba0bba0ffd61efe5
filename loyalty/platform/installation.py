"""The embedded database of this checkout, from an empty folder to one that the product can connect to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from psycopg.conninfo import make_conninfo

from loyalty.platform import broker, keys, preflight, roles, servers
from loyalty.platform.home import REPLICA, Home, choose_home
from loyalty.platform.places import Places
from loyalty.platform.postgres import PORT, SUPERUSER, Cluster
from loyalty.platform.problem import Problem
from loyalty.platform.standby import Standby

# A replica that was away finds what it missed, up to so much; after more it must be made anew.
_FOR_REPLICA = {"wal_keep_size": "1GB"}
# Two commands that start at once must not grant at once: PostgreSQL answers "tuple concurrently updated".
_ONE_PREPARER = "SELECT pg_advisory_lock(7405301)"


@dataclass(frozen=True)
class Installation:
    """The server of this checkout and the secrets that open it."""

    places: Places
    secrets: keys.Secrets
    cluster: Cluster

    @classmethod
    def of(cls, places: Places) -> "Installation":
        """Find or make the secrets and the home; starts nothing."""
        home = choose_home(places)
        secrets = keys.load_or_make(places, data=home.data)
        settings = _FOR_REPLICA if (places.var / REPLICA).exists() else {}
        return cls(places, secrets, Cluster(home, password=secrets.superuser, log=places.log, settings=settings))

    def start(self) -> None:
        """Bring the server up, or join it; make what is missing in it; tell the product how to reach it."""
        self.cluster.start()
        passwords = {role: getattr(self.secrets, role) for role in roles.ROLES}
        with self.cluster.superuser() as superuser:
            superuser.execute(_ONE_PREPARER)
            roles.ensure_roles(superuser, passwords)
            roles.ensure_database(superuser)
            with self.cluster.superuser(roles.DATABASE) as inside:
                roles.prepare_database(inside)
        keys.publish(self.places, self.environment())

    def install_broker(self) -> bool:
        """Create the broker's tables if they are missing; returns whether they were."""
        with self.cluster.superuser() as superuser, self.cluster.superuser(roles.DATABASE) as inside:
            superuser.execute(_ONE_PREPARER)
            return broker.install(inside)

    def conninfo(self, role: str, home: Home | None = None) -> str:
        """How to connect as ``owner``, ``app``, ``auditor``, ``broker`` or the superuser ``postgres``; ``home`` may be
        that of the replica."""
        password, folder = self.password(role), (home or self.cluster.home).socket_folder
        return make_conninfo(host=str(folder), port=PORT, dbname=roles.DATABASE, user=role, password=password)

    def password(self, role: str) -> str:
        """The role's password.

        :raises Problem: there is no such role.
        """
        if role not in (*roles.ROLES, SUPERUSER):
            raise Problem(f"There is no role '{role}': {', '.join((*roles.ROLES, SUPERUSER))}.")
        return str(self.secrets.superuser if role == SUPERUSER else getattr(self.secrets, role))

    def replica(self) -> Standby:
        """The replica on this machine; made at its first start, while the server runs."""
        home = choose_home(self.places, REPLICA)
        return Standby(home, self.cluster, password=self.secrets.superuser, log=self.places.log)

    def environment(self) -> dict[str, str]:
        """The product's variables. A replica that was made is read from whenever it runs."""
        replica = self.replica().home if (self.places.var / REPLICA).exists() else None
        return {
            "DATABASE_URL": self.conninfo(roles.APP),
            "MIGRATE_DATABASE_URL": self.conninfo(roles.OWNER),
            "AUDITOR_DATABASE_URL": self.conninfo(roles.AUDITOR),
            "BROKER_URL": "pgmq://",
            "BROKER_CONNINFO": self.conninfo(roles.BROKER),
            **({"REPLICA_DATABASE_URL": self.conninfo(roles.APP, replica)} if replica else {}),
            **keys_alone(self.secrets),
        }

    @contextmanager
    def filling_with_demo(self) -> Iterator[None]:
        """Mark the database as half filled for the length of a block, and for good if the block does not end well."""
        self._demo_mark.touch()
        yield
        self._demo_mark.unlink()

    def drop_half_filled(self) -> bool:
        """Drop a database in which loading the demo was cut short, before anybody could use it; returns whether so."""
        if not self._demo_mark.exists():
            return False
        self.cluster.start()
        with self.cluster.superuser() as superuser:
            superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(roles.DATABASE)))
        self._demo_mark.unlink()
        return True

    @property
    def _demo_mark(self) -> Path:
        return self.places.var / "demo-unfinished"

    def holds_programs(self) -> bool:
        """Whether the product already has a program, demo or real."""
        with self.cluster.superuser(roles.DATABASE) as inside:
            row = inside.execute("SELECT to_regclass('public.programs_program') IS NOT NULL").fetchone()
            if not row or not row[0]:
                return False
            return inside.execute("SELECT FROM public.programs_program LIMIT 1").fetchone() is not None


def keys_alone(secrets: keys.Secrets) -> dict[str, str]:
    """What the product needs of us when the servers are the owner's own."""
    return {"SECRET_KEY": secrets.secret_key, "FIELD_KEYS": secrets.field_keys}


@contextmanager
def database_for_command(places: Places) -> Iterator[Installation | None]:
    """A reachable database for a block: the owner's own, a running embedded one, or one started for it."""
    preflight.check_machine(places)
    if servers.is_own():
        servers.check_own_server()
        keys.publish(places, keys_alone(keys.load_or_make(places, data=None)))
        yield None
        return
    installation = Installation.of(places)
    installation.start()
    try:
        yield installation
    finally:
        installation.cluster.stop()
