"""Requests of one process that come at the same time, done together: what they share is asked and written once."""

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Event
from typing import Generic, TypeVar, cast

from django.utils import translation

from loyalty.kernel import scope

Given = TypeVar("Given")
Found = TypeVar("Found")


def surroundings() -> tuple[scope.Scope, str | None]:
    """Of a request of the API what its answer depends on beside what it brings: whose it is, and the language."""
    return scope.current(), translation.get_language()


@dataclass(slots=True)
class Place(Generic[Given, Found]):
    """One caller: what it brought, and what became of it."""

    given: Given | None = None
    is_called: Event = field(default_factory=Event)
    found: Found | Exception | None = None
    is_coming: bool = True
    is_done: bool = False
    is_alone: bool = False


class Gathering(Generic[Given, Found]):
    """Callers of one kind, of which one at a time works for all that wait.

    Who comes while nobody works begins at once. Who comes meanwhile waits, and the first of those then works for all of
    them. It waits, for ``patience`` seconds at most, only for those that are known to be on their way, and for as many as
    were together just before: callers come again. So a quiet system answers as before, and a busy one shares its
    statements and its commits.

    ``work`` gets what callers brought, in the order in which they came, and answers one by one in that order: what it
    found, or the exception for that caller. An exception that it raises itself is nobody's answer: then each caller works
    alone, so that one request that breaks something breaks no other.
    """

    def __init__(self, work: Callable[[Sequence[Given]], Sequence[Found | Exception]], *, patience: float) -> None:
        self._work = work
        self._patience = patience
        self._changed = Condition()
        self._coming = 0
        self._together = 1
        self._ended_at = 0.0
        self._lines: dict[Hashable, deque[Place[Given, Found]]] = {}

    @contextmanager
    def coming(self) -> Iterator[Place[Given, Found]]:
        """A caller that will join, unless the block ends before: its place."""
        place: Place[Given, Found] = Place()
        with self._changed:
            self._coming += 1
        try:
            yield place
        finally:
            with self._changed:
                self._arrived(place)

    def join(self, place: Place[Given, Found], kind: Hashable, given: Given, *, most: int) -> Found:
        """What ``work`` found for ``given``, perhaps together with others of the same ``kind``: ``most`` at a time.

        With ``most`` of 1 everybody works alone, side by side. ``kind`` holds everything of the caller's surroundings that the
        work depends on: it is done in those of any of them.

        :raises Exception: what ``work`` answered for this caller, or raised.
        """
        place.given = given
        if most <= 1:
            place.is_alone = True
        else:
            self._take_part(place, kind, most)
        if place.is_alone:
            place.found = self._work([given])[0]
        if isinstance(place.found, Exception):
            raise place.found
        return cast(Found, place.found)

    def _take_part(self, place: Place[Given, Found], kind: Hashable, most: int) -> None:
        with self._changed:
            self._arrived(place)
            line = self._lines.get(kind)
            if line is None:
                self._lines[kind] = deque()
            else:
                line.append(place)
                self._changed.notify_all()
        if line is not None:
            place.is_called.wait()
        if not place.is_done:
            self._lead(kind, place, most)

    def _arrived(self, place: Place[Given, Found]) -> None:
        if place.is_coming:
            place.is_coming = False
            self._coming -= 1
            self._changed.notify_all()

    def _lead(self, kind: Hashable, own: Place[Given, Found], most: int) -> None:
        """Work for oneself and those that wait; then call the next, and them."""
        with self._changed:
            line = self._lines[kind]
            expected = self._together if time.monotonic() - self._ended_at < self._patience else 1
            self._changed.wait_for(lambda: len(line) + 1 >= (most if self._coming else expected), self._patience)
            group = [own, *(line.popleft() for _ in range(min(len(line), most - 1)))]
        for one in group:
            one.is_alone = True
        try:
            found = self._work([cast(Given, one.given) for one in group])
        except Exception:
            if len(group) == 1:
                raise
        else:
            assert len(found) == len(group), "the work answers each caller"
            for one, answer in zip(group, found, strict=True):
                one.found, one.is_alone = answer, False
        finally:
            self._end(kind, group)

    def _end(self, kind: Hashable, group: Sequence[Place[Given, Found]]) -> None:
        with self._changed:
            self._together, self._ended_at = len(group), time.monotonic()
            line = self._lines[kind]
            following = line.popleft() if line else None
            if following is None:
                del self._lines[kind]
        if following is not None:
            following.is_called.set()
        for one in group:
            one.is_done = True
            one.is_called.set()
