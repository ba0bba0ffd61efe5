"""`make bench PART="paths ..."`: earning, spending, returns and balances over HTTP beside R."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tests.bench import timing
from tests.bench.paths import product, race
from tests.bench.paths.requests import KINDS, LINES
from tests.bench.paths.stage import Stage

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "20000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))


def main(arguments: Sequence[str]) -> int:
    """Measure the kinds that are named, or all; 0 when all are where they must be."""
    paths = [path for path in race.PATHS if not arguments or path.kind in arguments]
    stage = Stage.built(MEMBERS)
    print(
        f"{MEMBERS:,} members, 100 live promotions, baskets of {LINES} lines; {ROUNDS} rounds of {SECONDS:.0f} s in turn."
    )
    unlike: list[str] = []
    for name in dict.fromkeys(path.kind for path in paths):
        unlike += _learned(stage, name)
    table, is_met = [], not unlike
    with product.web(stage.installation.places) as web:
        for path in paths:
            cells, is_there = race.row(path, race.run(stage, web, path, rounds=ROUNDS, seconds=SECONDS))
            table.append([*cells, "yes" if is_there else "NO"])
            is_met &= is_there
    print(timing.table([*race.HEAD, "met"], table))
    print(f"R: pgbench, 16 clients, the statements of the request; writes: its transactions alone. {timing.machine()}")
    return 0 if is_met else 1


def _learned(stage: Stage, name: str) -> list[str]:
    """Make R of a kind, and say how it compares with the product."""
    unlike = stage.learn(KINDS[name])
    whole, writing = stage.scripts[name], stage.writing[name]
    guessed = sorted({text for one in whole for text in one.guessed})
    count = f"{min(one.statements for one in whole)} to {max(one.statements for one in whole)} statements"
    alone = "" if KINDS[name].is_reading else f", {max(one.statements for one in writing)} of its transactions"
    print(f"{name}: {count}{alone}", end="; ")
    print("R writes the same rows." if not unlike else "R does NOT write the same rows:\n  " + "\n  ".join(unlike))
    if guessed:
        print("  the same in every transaction of R: " + "; ".join(guessed)[:300])
    return unlike
