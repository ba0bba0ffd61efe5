"""One run at a time for an installation."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from loyalty.platform import processes
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem


@dataclass(frozen=True)
class Run:
    """A run under way: its supervisor and where its web server answers."""

    pid: int
    address: str


@contextmanager
def only_run(places: Places, address: str) -> Iterator[None]:
    """Hold the installation for the length of a run; the kernel lets go of it however the run ends.

    :raises Problem: it runs already.
    """
    with (places.var / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = _read(places)
            where = f" at {running.address} (process {running.pid})" if running else ""
            raise Problem(
                f"It is running already{where}.\nTo stop it: Ctrl-C in its terminal, or python -m loyalty.platform stop"
            ) from None
        path = places.var / "run.json"
        path.write_text(json.dumps(asdict(Run(os.getpid(), address))))
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def running(places: Places) -> Run | None:
    """The run under way, if there is one; a file that a killed run left behind is none."""
    try:
        with (places.var / "run.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _read(places)
    return None


def stop(run: Run) -> None:
    """Ask a run to stop and wait until it has stopped everything.

    :raises Problem: it did not stop.
    """
    processes.send([run.pid], signal.SIGTERM)
    if not processes.wait_until(lambda: not processes.is_running(run.pid), seconds=120):
        raise Problem(f"Process {run.pid} did not stop within two minutes. To end it by force: kill -9 {run.pid}")


def _read(places: Places) -> Run | None:
    try:
        return Run(**json.loads((places.var / "run.json").read_text()))
    except (FileNotFoundError, ValueError):
        return None
