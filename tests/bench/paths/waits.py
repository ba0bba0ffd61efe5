"""How long an earning waits at which rate, over HTTP beside the same statements sent by pgbench: callers at random moments."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench import timing
from tests.bench.paths import cpu, load, product, race, raw
from tests.bench.paths.cpu import Clock
from tests.bench.paths.http import MEMBERS, SECONDS
from tests.bench.paths.product import Web
from tests.bench.paths.race import EARN
from tests.bench.paths.requests import KINDS
from tests.bench.paths.stage import Stage, variables

# As parts of R; those at which the product could not keep up are R's alone.
PARTS = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 0.60, 0.70, 0.80)
MOST_OF_PRODUCT = 0.40
LONGER = 2
HEAD = (
    "of R", "a second", "R: p50 ms", "p90", "p99", "product: p50 ms", "p90", "p99", "us: web", "database",
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Print the waits by rate; there is no target: that of earning is judged where its rate is. Always 0."""
    stage, kind = Stage.built(MEMBERS), KINDS["earn"]
    unlike = stage.learn(kind)
    assert not unlike, unlike
    seconds = SECONDS * LONGER
    given = variables(stage.reserve(raw.CLIENTS), raw.CLIENTS)
    before = cpu.busy()
    run = raw.run(stage.installation, stage.scripts[kind.name], given, seconds=seconds)
    each = (cpu.busy() - before) / (run.rate * (seconds + raw.WARMING)) * timing.MICRO
    most, rows = run.rate, []
    with product.web(stage.installation.places) as web:
        race.product_turn(stage, web, EARN, count=race.PREPARED, seconds=race.WARMING)
        for part in PARTS:
            rate = part * most
            cells = [f"{part:.2f}", f"{rate:.0f}", *_of_raw(stage, rate, seconds)]
            rows.append(
                cells + (_of_product(stage, web, rate, seconds) if part <= MOST_OF_PRODUCT else [""] * len(HEAD[5:]))
            )
    print(f"{MEMBERS:,} members, 100 live promotions, {EARN.connections} connections; R is {most:.0f} a second.")
    print(f"At its most R takes {each:.0f} us of CPU a transaction, those of pgbench among them.")
    print(timing.table(HEAD, rows))
    print(timing.machine())
    return 0


def _of_raw(stage: Stage, rate: float, seconds: float) -> list[str]:
    given, scripts = variables(stage.reserve(EARN.connections), EARN.connections), stage.scripts[EARN.kind]
    run = raw.run(stage.installation, scripts, given, seconds=seconds, clients=EARN.connections, rate=rate)
    return _waits(run.waits)


def _of_product(stage: Stage, web: Web, rate: float, seconds: float) -> list[str]:
    before = Clock.now(web.pid, stage.database_pid)
    offered = race.offered(stage, web, EARN, rate=rate, seconds=seconds)
    spent = Clock.now(web.pid, stage.database_pid).since(before, load=offered.cpu)
    each = [f"{part / len(offered.waits) * timing.MICRO:.0f}" for part in (spent.web, spent.database)]
    return [*_waits(offered.waits), *each]


def _waits(sorted_waits: Sequence[float]) -> list[str]:
    return [f"{load.percentile(sorted_waits, part):.1f}" for part in (0.5, 0.9, 0.99)]
