"""Callers that come at the same time work together, and stay apart in everything else."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from loyalty.kernel.gathering import Gathering

WITHIN = 10.0


class Hall:
    """A gathering whose first group waits for a sign, and what came to it group by group."""

    def __init__(self, answer: Callable[[int], Any] = lambda given: given * 10, *, patience: float = WITHIN) -> None:
        self.groups: list[list[int]] = []
        self.is_begun, self.may_go_on = threading.Event(), threading.Event()
        self.answer = answer
        self.gathering: Gathering[int, Any] = Gathering(self.work, patience=patience)
        self.threads: list[threading.Thread] = []
        self.found: dict[int, Any] = {}

    def work(self, given: Sequence[int]) -> list[Any]:
        self.groups.append(list(given))
        if len(self.groups) == 1:
            self.is_begun.set()
            assert self.may_go_on.wait(WITHIN)
        return [self.answer(one) for one in given]

    def send(self, given: int, *, kind: str = "a", most: int = 32) -> None:
        """Bring something in a thread of its own."""

        def run() -> None:
            try:
                with self.gathering.coming() as place:
                    self.found[given] = self.gathering.join(place, kind, given, most=most)
            except Exception as problem:
                self.found[given] = problem

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def wait_for(self, count: int, *, kind: str = "a") -> None:
        """Until so many stand in line."""
        with self.gathering._changed:
            assert self.gathering._changed.wait_for(lambda: len(self.gathering._lines.get(kind, ())) >= count, WITHIN)

    def go_on(self) -> None:
        """Let the first group work, and wait for everybody."""
        self.may_go_on.set()
        for thread in self.threads:
            thread.join(WITHIN)
            assert not thread.is_alive()


def begun(hall: Hall, *others: int, **choices: Any) -> Hall:
    """A hall where 1 works alone and the others stand in line behind, in their order."""
    hall.send(1)
    assert hall.is_begun.wait(WITHIN)
    for count, other in enumerate(others, start=1):
        hall.send(other, **choices)
        hall.wait_for(count)
    return hall


def test_the_first_begins_at_once_and_who_comes_meanwhile_is_taken_together():
    hall = begun(Hall(), 2, 3, 4)
    assert hall.groups == [[1]]
    hall.go_on()
    assert hall.groups == [[1], [2, 3, 4]]
    assert hall.found == {1: 10, 2: 20, 3: 30, 4: 40}


def test_no_more_than_so_many_are_taken_together():
    hall = begun(Hall(patience=0.05), 2, 3, 4, most=2)
    hall.go_on()
    assert hall.groups == [[1], [2, 3], [4]]
    assert hall.found == {1: 10, 2: 20, 3: 30, 4: 40}


def test_switched_off_nobody_waits_for_anybody():
    hall = begun(Hall())
    with hall.gathering.coming() as place:
        assert hall.gathering.join(place, "a", 2, most=1) == 20
    assert hall.groups == [[1], [2]]
    hall.go_on()
    assert hall.found == {1: 10}


def test_other_surroundings_are_never_mixed():
    hall = begun(Hall())
    hall.send(2, kind="b")
    hall.send(3)
    hall.wait_for(1)
    hall.go_on()
    assert sorted(hall.groups) == [[1], [2], [3]]
    assert hall.found == {1: 10, 2: 20, 3: 30}


def test_a_refusal_is_that_caller_s_alone():
    hall = begun(Hall(lambda given: ValueError("three") if given == 3 else given), 2, 3, 4)
    hall.go_on()
    assert hall.groups == [[1], [2, 3, 4]]
    assert (str(hall.found.pop(3)), hall.found) == ("three", {1: 1, 2: 2, 4: 4})


def test_what_breaks_the_work_breaks_no_other():
    def answer(given: int) -> int:
        if given == 3:
            raise RuntimeError("three")
        return given

    hall = begun(Hall(answer), 2, 3, 4)
    hall.go_on()
    assert hall.groups[:2] == [[1], [2, 3, 4]]
    assert sorted(hall.groups[2:]) == [[2], [3], [4]]
    assert (str(hall.found.pop(3)), hall.found) == ("three", {1: 1, 2: 2, 4: 4})


def test_alone_the_exception_of_the_work_is_the_caller_s():
    hall = Hall(lambda given: 1 // (given - 1))
    hall.may_go_on.set()
    with pytest.raises(ZeroDivisionError), hall.gathering.coming() as place:
        hall.gathering.join(place, "a", 1, most=32)
    with hall.gathering.coming() as place:
        assert hall.gathering.join(place, "a", 2, most=32) == 1
    assert hall.groups == [[1], [2]]


def test_who_is_on_the_way_is_waited_for():
    hall = Hall()
    hall.may_go_on.set()
    with hall.gathering.coming() as place:
        hall.send(1)
        with hall.gathering._changed:
            assert hall.gathering._changed.wait_for(lambda: "a" in hall.gathering._lines, WITHIN)
        assert hall.groups == []
        assert hall.gathering.join(place, "a", 2, most=32) == 20
    hall.go_on()
    assert (hall.groups, hall.found) == ([[1, 2]], {1: 10})


def test_who_turns_back_is_not_waited_for():
    hall = Hall()
    hall.may_go_on.set()
    with hall.gathering.coming():
        hall.send(1)
        with hall.gathering._changed:
            assert hall.gathering._changed.wait_for(lambda: "a" in hall.gathering._lines, WITHIN)
    hall.go_on()
    assert (hall.groups, hall.found) == ([[1]], {1: 10})


def test_nobody_is_waited_for_beyond_patience():
    hall = Hall(patience=0.01)
    hall.may_go_on.set()
    with hall.gathering.coming():
        hall.send(1)
        hall.go_on()
    assert (hall.groups, hall.found) == ([[1]], {1: 10})
