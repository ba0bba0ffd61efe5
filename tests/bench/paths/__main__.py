"""`python -m tests.bench.paths PART ...`: on a fresh database each; `make bench PART="paths earn"`."""

from __future__ import annotations

import sys

from tests.bench.paths import parts

if __name__ == "__main__":
    sys.exit(0 if parts.run(sys.argv[1:]) else 1)
