"""`python -m tests.bench.paths.inside MODULE ...`: a module of this package, once Django knows the database."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import django


def main(arguments: Sequence[str]) -> int:
    """Run ``main`` of the module named first; its exit code."""
    django.setup()
    found: int = importlib.import_module(f"tests.bench.paths.{arguments[0]}").main(arguments[1:])
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
