"""What is looked at before anything is started, so that a hindrance is told in words and at once."""

import ctypes
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from loyalty.platform.places import Places
from loyalty.platform.problem import Problem

OLDEST_PYTHON = (3, 11)
LEAST_DISK = 1_000_000_000
PANGO = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
PANGO_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
_NEEDED_MODULES = ("django", "celery", "granian", "psycopg", "tqdm")


def check_machine(places: Places) -> None:
    """:raises Problem: the system, the interpreter, the packages, the disk or the permissions do not allow a start."""
    if not sys.platform.startswith("linux"):
        raise Problem("The one-command start needs Linux: it binds its processes to each other by the Linux kernel.")
    if sys.version_info < OLDEST_PYTHON:
        raise Problem(
            f"Python {sys.version.split()[0]} is too old: 3.11 or newer is needed. make run PYTHON=python3.11"
        )
    missing = [name for name in _NEEDED_MODULES if find_spec(name) is None]
    if missing:
        raise Problem(
            f"{sys.executable} lacks {', '.join(missing)}. Start with `make run`, which installs what is needed."
        )
    places.prepare()
    free = shutil.disk_usage(places.var).free
    if free < LEAST_DISK:
        raise Problem(
            f"Only {free // 1_000_000} MB are free where {places.var} lies; {LEAST_DISK // 1_000_000} MB are needed.\n"
            "Make room, or put the data elsewhere: VAR_DIR=/another/folder make run"
        )
    locked = [path for path in _written(places) if path.exists() and not os.access(path, os.W_OK)]
    if locked:
        raise Problem(
            f"No permission to write {locked[0]}: another user ran the platform here before.\n"
            f"Run it as that user, or hand everything over: sudo chown -RL $(id -un) {places.var}"
        )


def _written(places: Places) -> list[Path]:
    return [places.var, places.log, *places.var.glob("*.json"), *places.var.glob("*.lock"), *places.log.glob("*.log")]


def notes() -> list[str]:
    """What works less well on this machine, with the one line that cures it."""
    if all(_can_load(name) for name in PANGO):
        return []
    return [
        "Pango is not installed: PDF documents are made by the built-in engine, without tags for screen readers.\n"
        f"For the fuller engine: apt-get install -y {PANGO_PACKAGES}"
    ]


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
