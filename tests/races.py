"""Two at once: threads with connections of their own that meet inside the danger zone."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

from django.db import connection

PAUSE = 0.2


def race(action: Callable[[int], Any], *, times: int, pause_before: tuple[Any, str]) -> list[Any]:
    """Run ``action(n)`` in ``times`` threads and give back what each answered or raised, in the order of n.

    Each call of ``pause_before`` (owner, name) waits a moment first: without the lock under test all threads would pass
    their check before any of them writes. The function itself runs as it is.
    """
    owner, name = pause_before
    original = getattr(owner, name)

    def paused(*args: Any, **kwargs: Any) -> Any:
        time.sleep(PAUSE)
        return original(*args, **kwargs)

    answers: list[Any] = [None] * times
    start = threading.Barrier(times)

    def run(number: int) -> None:
        try:
            start.wait()
            answers[number] = action(number)
        except Exception as problem:
            answers[number] = problem
        finally:
            connection.close()

    with mock.patch.object(owner, name, paused):
        threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return answers


def names(answers: Sequence[Any]) -> list[str]:
    """The kinds of answers, sorted."""
    return sorted(type(answer).__name__ for answer in answers)
