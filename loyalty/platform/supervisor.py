"""Keep the product's processes running, and stop them in order."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from subprocess import Popen
from types import FrameType

from loyalty.platform import logs, processes, services
from loyalty.platform.places import Places
from loyalty.platform.postgres import Cluster
from loyalty.platform.problem import Problem

MOST_RESTARTS = 5
WITHIN_SECONDS = 60.0
# Children of a killed supervisor were told to stop by the kernel and are finishing their work.
LEFTOVERS_MAY_TAKE = 10.0
_LOOK_EVERY = 0.25
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal. Passes through every handler of errors, as KeyboardInterrupt does."""


@contextmanager
def stop_signals() -> Iterator[None]:
    """Turn the first stop signal into :class:`StopRequested`; further ones are ignored, the stop is under way."""

    def request(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise StopRequested

    before = {number: signal.signal(number, request) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class _Child:
    service: services.Service
    process: Popen[bytes]


@dataclass
class _Restarts:
    """When one process was started again lately; more often than the bound is a fault, not an accident."""

    times: deque[float] = field(default_factory=deque)

    def note(self) -> int:
        now = time.monotonic()
        while self.times and now - self.times[0] > WITHIN_SECONDS:
            self.times.popleft()
        self.times.append(now)
        return len(self.times)


class Supervisor:
    """Starts services, starts again what dies, stops all. Call it from the main thread only."""

    def __init__(self, places: Places, cluster: Cluster | None, say: Callable[[str], None]) -> None:
        self._places = places
        self._cluster = cluster
        self._say = say
        self._children: dict[str, _Child] = {}
        self._restarts: dict[str, _Restarts] = {}

    def clear_leftovers(self) -> None:
        """End the children of an earlier supervisor that was killed; they are on their way out by themselves."""
        ours = processes.carries(services.MARK, str(self._places.var))
        if processes.end_all(ours, patience=LEFTOVERS_MAY_TAKE):
            self._say("Processes that an earlier run left behind were ended.")

    def start(self, service: services.Service) -> None:
        """Start a service; its output goes to its log."""
        with logs.appended(self._places.log, service.name) as output:
            process = processes.spawn(
                service.command,
                output=output,
                environment=services.environment(self._places),
                folder=self._places.project,
            )
        self._children[service.name] = _Child(service, process)

    def refuse_dead(self, name: str) -> None:
        """:raises Problem: the service ended while it was being started."""
        code = self._children[name].process.poll()
        if code is not None:
            raise Problem(f"[{name}] ended with code {code} at its start.\n{self._tail(name)}")

    def watch(self) -> None:
        """Look after the processes until a stop signal; raises :class:`StopRequested` then.

        :raises Problem: one of them died too often.
        """
        while True:
            self.look()
            time.sleep(_LOOK_EVERY)

    def look(self) -> None:
        """Start again what died since the last look.

        :raises Problem: one of them died too often.
        """
        if self._cluster is not None and not self._cluster.is_alive():
            self._note("postgres", "stopped")
            self._cluster.start()
        for name, child in list(self._children.items()):
            code = child.process.poll()
            if code is not None:
                processes.end_group(child.process)
                self._note(name, f"ended with code {code}")
                self.start(child.service)

    def stop(self) -> None:
        """Stop web, beat, workers and PostgreSQL, in this order; afterwards none of them is left."""
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        turns = sorted({child.service.stop_turn for child in self._children.values()})
        for turn in turns:
            together = [child for child in self._children.values() if child.service.stop_turn == turn]
            self._say("Stopping " + ", ".join(child.service.name for child in together))
            processes.end([child.process for child in together], together[0].service.stopping)
        self._children.clear()
        processes.end_all(processes.carries(services.MARK, str(self._places.var)), patience=0)
        if self._cluster is not None and not self._cluster.is_attached:
            self._say("Stopping PostgreSQL")
            self._cluster.stop()

    def _note(self, name: str, what: str) -> None:
        count = self._restarts.setdefault(name, _Restarts()).note()
        if count > MOST_RESTARTS:
            raise Problem(f"[{name}] {what}, {count} times within a minute. Giving up.\n{self._tail(name)}")
        log = self._places.log / f"{name}.log"
        self._say(f"[{name}] {what}; starting it again ({count} of {MOST_RESTARTS} in a minute), see {log}")

    def _tail(self, name: str) -> str:
        path = self._places.log / f"{name}.log"
        return f"The end of {path}:\n{logs.tail(path)}"
