"""What the person at the terminal sees while the product starts."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

# Its watching thread would make starting children less safe, and there is nothing for it to watch.
tqdm.monitor_interval = 0


class Steps:
    """A bar over the steps of a start on a terminal; a line a step elsewhere."""

    def __init__(self, total: int) -> None:
        self._done = 0
        self._total = total
        self._bar = tqdm(
            total=total,
            disable=not sys.stderr.isatty(),
            bar_format="{desc:<34}|{bar:30}| {n_fmt}/{total_fmt} [{elapsed}]",
            leave=False,
        )

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step; ``title`` is shown while it lasts."""
        began = time.monotonic()
        self._bar.set_description_str(title)
        yield
        self._done += 1
        self._bar.update(1)
        if self._bar.disable:
            say(f"[{self._done}/{self._total}] {title}: {time.monotonic() - began:.1f} s")

    def give_way(self) -> None:
        """Leave the line to another program's bar."""
        self._bar.clear()

    def close(self) -> None:
        """Remove the bar."""
        self._bar.close()


def say(text: str) -> None:
    """A line for the person, above a bar if there is one."""
    tqdm.write(text, file=sys.stdout)
    sys.stdout.flush()
