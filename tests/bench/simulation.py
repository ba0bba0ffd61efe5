"""A draft simulated on all purchases of the demo: a process of its own, for it needs the product's settings."""

from __future__ import annotations

import subprocess
import sys


def main() -> bool:
    """Whether the projection for the demo's year holds its target."""
    return subprocess.run([sys.executable, "-m", "tests.bench.simulating"], check=False).returncode == 0
