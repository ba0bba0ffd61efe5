"""`python -m tests.bench [PART ...]`: run the measurements named, or all."""

import sys
from collections.abc import Sequence
from itertools import groupby

from tests.bench import rules, segments, simulation
from tests.bench.paths import parts as paths

PARTS = {"rules": rules.main, "segments": segments.main, "simulation": simulation.main}
PATHS = "paths"


def main(names: Sequence[str]) -> int:
    known = [*PARTS, PATHS, *paths.NAMES]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"No such part: {', '.join(unknown)}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    results = []
    for name, same in groupby(names or [*PARTS, PATHS], key=lambda name: name if name in PARTS else PATHS):
        results.append(PARTS[name]() if name in PARTS else paths.run([one for one in same if one != PATHS]))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
