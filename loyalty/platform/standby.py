"""A streaming replica of the embedded server, in a home of its own on the same machine."""

from pathlib import Path

from psycopg.conninfo import make_conninfo

from loyalty.platform import binaries
from loyalty.platform.home import Home
from loyalty.platform.postgres import PORT, SUPERUSER, Cluster
from loyalty.platform.problem import Problem

# The primary keeps what a long report still reads; a report that stands in the way of replay loses after a while.
_SETTINGS = {"hot_standby_feedback": "on", "max_standby_streaming_delay": "30s"}


class Standby(Cluster):
    """A server that repeats what ``primary`` writes, from the first start on; it takes no writes of its own."""

    log_name = "replica"

    def __init__(self, home: Home, primary: Cluster, *, password: str, log: Path, throw_away: bool = False) -> None:
        # A replica needs room for as much at once as its primary.
        settings = {**primary._settings, **_SETTINGS}
        super().__init__(home, password=password, log=log, throw_away=throw_away, settings=settings)
        self._primary = primary

    def _create_data(self, programs: binaries.Binaries) -> None:
        """Copy the primary's data beside its place and move it there whole, told where to go on reading."""
        account, unfinished = self.home.account, self.home.folder / "data.unfinished"
        account.remove(unfinished)
        source = make_conninfo(host=str(self._primary.home.socket_folder), port=PORT, user=SUPERUSER)
        command = [programs.program("pg_basebackup"), "-D", str(unfinished), "-d", source, "-w"]
        command += ["--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf"]
        if self._throw_away:
            command.append("--no-sync")
        # By the environment: a command line, with the password in it, is readable for every user of the machine.
        done = self._perform(command, PGPASSWORD=self._password)
        if done.returncode != 0:
            raise Problem(f"The replica could not be copied into {self.home.folder}:\n{done.stdout.strip()}")
        unfinished.rename(self.home.data)
