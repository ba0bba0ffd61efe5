"""A second thread for a part of some work, with a database session of its own: the database works for two at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.db import connection, connections

from loyalty.kernel import scope

_P = ParamSpec("_P")
_T = TypeVar("_T")


def is_possible() -> bool:
    """Whether there can be a session beside the present one: it would not see what an open transaction has written."""
    return not connection.in_atomic_block


class Beside:
    """Runs one thing at a time in the second thread, under the scope and the clock of whoever asks."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self.is_used = False

    def begin(self, act: Callable[_P, _T], *args: _P.args, **named: _P.kwargs) -> "Future[_T]":
        """Begin ``act``; the answer is for waiting."""
        self.is_used = True
        context, asked_in = copy_context(), scope.current()

        def scoped() -> _T:
            # The thread's session has to be told as well.
            with scope.enter(asked_in.programs, asked_in.actor, is_operator=asked_in.is_operator):
                return act(*args, **named)

        return self._threads.submit(context.run, scoped)


@contextmanager
def opened() -> Iterator[Beside]:
    """The second thread for the length of a block, which does not end before what was begun there."""
    with ThreadPoolExecutor(1) as threads:
        found = Beside(threads)
        try:
            yield found
        finally:
            if found.is_used:
                threads.submit(connections.close_all).result()
