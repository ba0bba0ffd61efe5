"""R: pgbench with the product's own statements, as the product's own role."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loyalty.platform import binaries, roles
from loyalty.platform.installation import Installation
from tests.bench.paths.script import Script
from tests.bench.timing import MICRO

CLIENTS = 16
THREADS = 2
MOST_TRIES = 20
WARMING = 1.0


@dataclass(frozen=True)
class Run:
    """Transactions of one run, and how long each took in milliseconds, sorted."""

    count: int
    seconds: float
    waits: Sequence[float]

    @property
    def rate(self) -> float:
        """Transactions a second."""
        return self.count / self.seconds


def run(
    installation: Installation,
    scripts: Sequence[Script],
    variables: Mapping[str, int],
    *,
    seconds: float | None = None,
    count: int | None = None,
    clients: int = CLIENTS,
    role: str = roles.APP,
    rate: float | None = None,
) -> Run:
    """Run scripts in equal parts for ``seconds``, or ``count`` times by each client.

    With a ``rate`` so many come in a second, at random moments, and each waits from the moment at which it came in.
    ``role`` has the password of the product's own. A deadlock or a serialization failure is tried again, as the product
    does; any other error fails.
    """
    with tempfile.TemporaryDirectory(prefix="loyalty-bench-raw-") as folder:
        files = []
        for number, script in enumerate(scripts):
            path = Path(folder) / f"{number}.sql"
            path.write_text(script.text)
            files += ["-f", f"{path}@1"]
        defined = {name: value for script in scripts for name, value in script.constants.items()}
        defined |= {name: str(value) for name, value in variables.items()}
        command = [
            binaries.bundled().program("pgbench"), "-n", "-M", "prepared", "-c", str(clients),
            "-j", str(min(THREADS, clients)), "-l", f"--log-prefix={folder}/log", f"--max-tries={MOST_TRIES}",
            *([f"--rate={rate:.2f}"] if rate else []),
            *(["-t", str(count)] if count else ["-T", f"{(seconds or 0) + WARMING:.0f}"]), *files,
            *(part for name, text in defined.items() for part in ("-D", f"{name}={text}")),
        ]  # fmt: skip
        environment = {**os.environ, "PGPASSWORD": installation.password(roles.APP)}
        environment |= {
            "PGHOST": str(installation.cluster.home.socket_folder),
            "PGUSER": role,
            "PGDATABASE": roles.DATABASE,
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd="/")
        failed = done.returncode or "aborted" in done.stderr
        assert not failed, f"pgbench failed:\n{done.stderr[-4000:]}\n{done.stdout[-500:]}"
        ended = sorted(each for path in Path(folder).glob("log*") for each in _ended(path))
        return _after_warming(ended, WARMING if seconds else 0.0)


def _ended(path: Path) -> list[tuple[float, float]]:
    """When each transaction ended, and how many milliseconds it took: of the columns of pgbench's log the last two and
    the third, in microseconds.
    """
    rows = [line.split() for line in path.read_text().splitlines()]
    return [(int(row[4]) + int(row[5]) / MICRO, int(row[2]) / 1000) for row in rows]


def _after_warming(ended: Sequence[tuple[float, float]], warming: float) -> Run:
    """Leave out the first while: in it each client lets the server plan its statements, over and over."""
    since = ended[0][0] + warming
    kept = [wait for at, wait in ended if at > since]
    return Run(len(kept), ended[-1][0] - since, sorted(kept))
