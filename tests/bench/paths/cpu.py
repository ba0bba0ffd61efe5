"""Whose CPU time: of processes and their children, of the whole machine, of others."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
# user, nice, system, irq, softirq and steal of the first line of /proc/stat.
_BUSY = (0, 1, 2, 5, 6, 7)


def tree(pid: int) -> float:
    """CPU seconds of a process, its living children and those that it saw end."""
    found = _own(pid, with_ended=True)
    for child in _children(pid):
        found += _own(child, with_ended=True)
    return found


def busy() -> float:
    """CPU seconds of everything that runs on the machine."""
    fields = (_PROC / "stat").read_text().splitlines()[0].split()[1:]
    return sum(int(fields[place]) for place in _BUSY) / _TICK


@dataclass(frozen=True)
class Clock:
    """A moment, to be compared with a later one."""

    web: float
    database: float
    busy: float
    at: float

    @classmethod
    def now(cls, web: int, database: int) -> Clock:
        """CPU time until now of the web server and the database, by the ids of their first processes."""
        return cls(tree(web), tree(database), busy(), time.perf_counter())

    def since(self, before: Clock, *, load: float) -> Spent:
        """What was spent since, with ``load`` seconds of the load itself."""
        web, database = self.web - before.web, self.database - before.database
        others = self.busy - before.busy - web - database - load
        return Spent(web, database, load, max(0.0, others) / (self.at - before.at))


@dataclass(frozen=True)
class Spent:
    """CPU seconds; of ``others``, cores."""

    web: float
    database: float
    load: float
    others: float


def _own(pid: int, *, with_ended: bool) -> float:
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(fields[place]) for place in range(11, 15 if with_ended else 13)) / _TICK


def _children(pid: int) -> list[int]:
    found = []
    for task in (_PROC / str(pid) / "task").iterdir():
        try:
            found += [int(child) for child in (task / "children").read_text().split()]
        except FileNotFoundError:
            continue
    return found
