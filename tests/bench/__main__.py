"""`python -m tests.bench [PART ...]`: run the measurements named, or all."""

import sys

from tests.bench import rules, segments, simulation

PARTS = {"rules": rules.main, "segments": segments.main, "simulation": simulation.main}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    results = [PARTS[name]() for name in names or PARTS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
