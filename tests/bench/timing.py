"""Measuring CPU time of several ways in turn, so that what disturbs the machine disturbs them alike."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

MICRO = 1_000_000


@dataclass(frozen=True)
class Case:
    """One way of doing the work: ``run`` does it ``repeats`` times."""

    name: str
    run: Callable[[], object]
    repeats: int


@dataclass(frozen=True)
class Figure:
    """CPU microseconds for one piece of work over all rounds."""

    name: str
    best: float
    middle: float


def measure(cases: Sequence[Case], *, rounds: int) -> list[Figure]:
    """Every case once per round, in turn, after a run that warms it up; no garbage is collected meanwhile."""
    taken: dict[str, list[float]] = {case.name: [] for case in cases}
    for _ in range(rounds):
        for case in cases:
            gc.collect()
            gc.disable()
            case.run()
            started = time.process_time()
            case.run()
            taken[case.name].append((time.process_time() - started) / case.repeats * MICRO)
            gc.enable()
    return [Figure(case.name, min(taken[case.name]), median(taken[case.name])) for case in cases]


def machine() -> str:
    """What the figures were taken on, and how busy it is."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of text; the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    written = [
        "  ".join(cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in enumerate(cells))
        for cells in ((list(zip(row, widths, strict=True))) for row in (head, *rows))
    ]
    return "\n".join([written[0], "  ".join("-" * width for width in widths), *written[1:]])
