"""CPU time of requests in this process, statement by statement and function by function."""

from __future__ import annotations

import cProfile
import gc
import os
import pstats
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection

from loyalty.kernel import clock
from loyalty.platform import roles
from tests.bench.paths import product, program, requests
from tests.bench.paths.inprocess import Caller
from tests.bench.timing import MICRO, machine

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "2000"))
WARM = 100
ROUND = 50
SHOWN = 140
TICK = os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str]) -> int:
    """Profile the kind named first; its exit code."""
    kind = requests.KINDS[arguments[0]]
    count = int(arguments[1]) if len(arguments) > 1 else 1000
    world = program.made(MEMBERS)
    # As the planner of a running system knows the tables.
    product.here().cluster.superuser(roles.DATABASE).execute("VACUUM ANALYZE")
    caller, at = Caller(world), clock.now()
    numbers = iter(range(1_000_000_000, 2_000_000_000))

    def sent(many: int) -> list[dict[str, Any]]:
        return [caller.environ(kind.make(world, next(numbers), at)) for _ in range(many)]

    if kind.name == "return":
        for number in range(1_000_000_000, 1_000_000_000 + WARM + 2 * count + 1):
            caller.send(requests.earn(world, number, at))
    for environ in sent(WARM):
        caller.call(environ)
        assert caller.status[0] == "2", caller.status
    statements = _statements(caller, kind.make(world, next(numbers), at))
    taken, server = [], 0.0
    for _ in range(count // ROUND):
        waiting = sent(ROUND)
        gc.collect()
        before, began = _server_seconds(), time.process_time()
        for environ in waiting:
            caller.call(environ)
        taken.append((time.process_time() - began) / ROUND * MICRO)
        server += _server_seconds() - before
    print(f"{kind.name}: {median(taken):.0f} us CPU a request (best {min(taken):.0f}), {count} requests ({machine()})")
    print(
        f"  PostgreSQL {server / (count // ROUND * ROUND) * MICRO:.0f} us CPU a request, {len(statements)} statements:"
    )
    grouped: dict[str, list[float]] = {}
    for seconds, text in statements:
        grouped.setdefault(" ".join(text.split()), []).append(seconds)
    for text, waits in grouped.items():
        print(f"  {len(waits):4d} times  {sum(waits) * MICRO:6.0f} us waited  {text[:SHOWN]}")
    if len(arguments) > 2:
        _profile(caller, sent(count), Path(arguments[2]))
    return 0


def _statements(caller: Caller, one: requests.Sent) -> list[tuple[float, str]]:
    """What one request asks of the database through Django, with the time that it waited."""
    found: list[tuple[float, str]] = []

    def noted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            found.append((time.perf_counter() - began, sql))

    with connection.execute_wrapper(noted):
        caller.send(one)
    return found


def _server_seconds() -> float:
    """CPU seconds of the database's process behind this connection."""
    assert connection.connection is not None
    pid = connection.connection.info.backend_pid
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def _profile(caller: Caller, waiting: Sequence[dict[str, Any]], target: Path) -> None:
    profile = cProfile.Profile()
    with ExitStack() as stack:
        stack.enter_context(profile)
        for environ in waiting:
            caller.call(environ)
    profile.dump_stats(target)
    print(f"  cProfile of {len(waiting)} requests in {target}; the largest by their own time:")
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
