"""The log files of the children."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LARGEST = 20_000_000


@contextmanager
def appended(folder: Path, name: str) -> Iterator[BinaryIO]:
    """The open log of a child; a log past 20 MB first moves aside, in place of the one moved before."""
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > LARGEST:
        path.replace(folder / f"{name}.1.log")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    with os.fdopen(descriptor, "ab", buffering=0) as file:
        yield file


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for the person who is told that its process failed."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16_384))
        text = file.read().decode(errors="replace")
    return "\n".join(f"  | {line}" for line in text.splitlines()[-lines:])
