"""`python -m tests.bench.paths.profile KIND [REQUESTS] [FILE]`: where the CPU time of one kind of request goes.

Runs the requests in one process through every middleware, on a database of its own, prints CPU microseconds a request
and the statements of one, and writes cProfile's figures to FILE when it is named.
"""

from __future__ import annotations

import sys

from tests.bench.paths import product

if __name__ == "__main__":
    sys.exit(product.run_inside("profiling", sys.argv[1:]))
