"""The product over HTTP and R in turn, round by round, on the same rows and the same cores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench import timing
from tests.bench.paths import load, raw
from tests.bench.paths.cpu import Clock, Spent
from tests.bench.paths.load import Outcome
from tests.bench.paths.product import Web
from tests.bench.paths.raw import Run
from tests.bench.paths.requests import KINDS
from tests.bench.paths.script import Script
from tests.bench.paths.stage import Stage, variables

PREPARED = 4000
PREPARED_WITH_PURCHASES = 200
WARMING = 2.0
# Each script of R runs for a part of the time: the whole request, and its transactions alone.
HEAD = (
    "path", "conn.", "product/s", "R/s", "of R", "must", "aim", "p50 ms", "p99 ms", "at must", "p99 of R", "us: web", "database",
    "load", "others", "writes/s", "of that",
)  # fmt: skip


@dataclass(frozen=True)
class Path:
    """A path, over how many connections, and what it must reach and aims at, as a part of R.

    ``slowest`` is the 99th percentile in ms of what it must answer: when as many come in a second as it must take at least.
    """

    kind: str
    connections: int
    must: float
    aim: float
    slowest: float | None = None


@dataclass(frozen=True)
class Round:
    """One turn of the product and of R: the whole request, its transactions alone, and what comes in as it must take it."""

    product: Outcome
    spent: Spent
    raw: Run
    writing: Run | None
    offered: Outcome | None


PATHS = (
    Path("earn", 8, 0.30, 0.45, slowest=20.0),
    Path("earn", 64, 0.30, 0.55),
    Path("redeem", 8, 0.40, 0.60),
    Path("return", 8, 0.40, 0.55),
    Path("balance", 8, 0.09, 0.15),
)

# Earning where something else than its target is measured.
EARN = Path("earn", 8, 0, 0)


def run(stage: Stage, web: Web, path: Path, *, rounds: int, seconds: float) -> list[Round]:
    """Warm up and take so many rounds in turn."""
    prepared = PREPARED_WITH_PURCHASES if KINDS[path.kind].is_of_purchase else PREPARED
    rate = product_turn(stage, web, path, count=prepared, seconds=WARMING)[0].rate
    guess = raw_rate = _raw(stage, path, stage.scripts[path.kind], seconds=WARMING, count=None).rate
    found = []
    for _ in range(rounds):
        outcome, spent = product_turn(
            stage, web, path, count=int(rate * seconds * 1.5) + path.connections, seconds=seconds
        )
        rate = max(rate, outcome.rate)
        whole = _raw(stage, path, stage.scripts[path.kind], seconds=seconds, count=int(raw_rate * seconds))
        raw_rate, writing = whole.rate, None
        if not KINDS[path.kind].is_reading:
            writing = _raw(stage, path, stage.writing[path.kind], seconds=seconds / 2, count=int(guess * seconds / 2))
            guess = writing.rate
        come = None
        if path.slowest is not None:
            come = offered(stage, web, path, rate=path.must * whole.rate, seconds=seconds)
        found.append(Round(outcome, spent, whole, writing, come))
    return found


def offered(stage: Stage, web: Web, path: Path, *, rate: float, seconds: float) -> Outcome:
    """How long the product makes wait who comes in at that rate, whatever others wait for."""
    kind = KINDS[path.kind]
    requests = [kind.make(stage.world, number, stage.at) for number in stage.numbers(kind, int(rate * seconds))]
    return load.offer(
        web.host, web.port, [one.raw(stage.world) for one in requests],
        status=requests[0].status, connections=path.connections, rate=rate,
    )  # fmt: skip


def product_turn(stage: Stage, web: Web, path: Path, *, count: int, seconds: float) -> tuple[Outcome, Spent]:
    """Let the product answer requests that were made before, for so many seconds or until there are none left."""
    kind = KINDS[path.kind]
    numbers = stage.numbers(kind, count)
    prepared = [
        [kind.make(stage.world, number, stage.at).raw(stage.world) for number in numbers[place :: path.connections]]
        for place in range(path.connections)
    ]
    before = Clock.now(web.pid, stage.database_pid)
    status = kind.make(stage.world, numbers[0], stage.at).status
    outcome = load.drive(web.host, web.port, prepared, status=status, seconds=seconds)
    return outcome, Clock.now(web.pid, stage.database_pid).since(before, load=outcome.cpu)


def _raw(stage: Stage, path: Path, scripts: Sequence[Script], *, seconds: float, count: int | None) -> Run:
    """R for so many seconds; where each needs a purchase of its own, about as many as last for them."""
    kind = KINDS[path.kind]
    if not kind.is_of_purchase:
        numbers = stage.reserve(raw.CLIENTS)
        return raw.run(stage.installation, scripts, variables(numbers, raw.CLIENTS), seconds=max(1.0, seconds))
    each = max(20, (count or 0) // raw.CLIENTS)
    numbers = stage.numbers(kind, (each + 1) * raw.CLIENTS)
    return raw.run(stage.installation, scripts, variables(numbers, raw.CLIENTS), count=each)


def row(path: Path, rounds: Sequence[Round]) -> tuple[list[str], bool]:
    """The medians as cells of :data:`HEAD`, and whether the path is where it must be."""
    rate = median(one.product.rate for one in rounds)
    ratio = median(one.product.rate / one.raw.rate for one in rounds)
    slow = median(load.percentile(one.product.waits, 0.99) for one in rounds)
    at_must = median(load.percentile(one.offered.waits, 0.99) if one.offered else 0.0 for one in rounds)
    own = [
        median(getattr(one.spent, part) / len(one.product.waits) * timing.MICRO for one in rounds)
        for part in ("web", "database", "load")
    ]
    is_met = ratio >= path.must and (path.slowest is None or at_must <= path.slowest)
    must = f"{path.must:.2f}" + (f", {path.slowest:.0f} ms" if path.slowest else "")
    cells = [
        path.kind, str(path.connections), f"{rate:.0f}", f"{median(one.raw.rate for one in rounds):.0f}",
        f"{ratio:.3f}", must, f"{path.aim:.2f}", f"{median(load.percentile(one.product.waits, 0.5) for one in rounds):.1f}",
        f"{slow:.1f}", f"{at_must:.1f}" if path.slowest else "",
        f"{median(load.percentile(one.raw.waits, 0.99) for one in rounds):.1f}",
        *(f"{part:.0f}" for part in own), f"{median(one.spent.others for one in rounds):.2f}",
        *_of_writing(rounds),
    ]  # fmt: skip
    return cells, is_met


def _of_writing(rounds: Sequence[Round]) -> tuple[str, str]:
    """The rate of the transactions alone, and the product's as a part of it; nothing where nothing is written."""
    pairs = [(one.product.rate, one.writing.rate) for one in rounds if one.writing is not None]
    if not pairs:
        return "", ""
    return f"{median(raw for _own, raw in pairs):.0f}", f"{median(own / raw for own, raw in pairs):.3f}"
