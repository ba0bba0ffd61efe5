"""What there is to measure of the paths, each in a process and on a database of its own."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.paths import product

# Over HTTP beside R, all on one stage.
REQUESTS = ("earn", "redeem", "return", "balance")
# The others by the module that measures them.
ALONE = {
    "walls": "walls",
    "growth": "growth",
    "file": "file",
    "expiry": "expiry",
    "export": "export",
    "posting": "posting",
    "waits": "waits",
}
NAMES = (*REQUESTS, *ALONE)


def run(names: Sequence[str]) -> bool:
    """Measure what is named, or everything; whether all of it is where it must be."""
    wanted = list(names) or list(NAMES)
    asked = [name for name in wanted if name in REQUESTS]
    results = [product.run_inside("http", asked) == 0] if asked else []
    results += [product.run_inside(ALONE[name], []) == 0 for name in wanted if name in ALONE]
    return all(results)
