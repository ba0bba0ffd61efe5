"""Members replayed by several processes: this one and helpers, each taking the next part when it has done one.

A helper is a process of its own that connects to the same database as the same role; parts and results go through
pipes. The start of a helper costs a second, so small replays do without.
"""

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from loyalty.kernel import companions, replica
from members.activity.replay import Facts
from members.whatif.queries import replaying as queries
from members.whatif.replaying import Result, Setting, replay_accounts
from members.whatif.rulesets import contest
from programs.promotions import snapshots

MEMBERS_A_PART = 150
FEWEST_FOR_HELP = 600
MOST_HELPERS = 3
A_MOMENT = 0.3
COMMAND = "replay_members"

Part = Sequence[int]
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What a process must know to replay any part of the members."""

    program_id: int
    snapshot_number: int
    code: str
    name: dict[str, str]
    document: dict[str, Any]
    now: datetime
    days: int

    def setting(self) -> Setting:
        """The frame, in the scope of the program."""
        frozen = snapshots.of_number(self.snapshot_number)
        return queries.setting_of(contest(frozen, self.code, self.name, self.document, self.now), self.now, self.days)


def replay_part(part: Part, setting: Setting, facts: Facts) -> Result:
    """Replay some members, whole accounts."""
    # Hundreds of thousands of lines live for a moment and hold no circles: looking for circles among them took a third of
    # the time.
    gc.disable()
    try:
        pasts = replica.lagging(lambda: queries.pasts_of(part, setting, facts))
        return replay_accounts(pasts, setting)
    finally:
        gc.enable()


def parts_of(accounts: Sequence[Sequence[int]]) -> list[list[int]]:
    """Members in parts of whole accounts."""
    parts: list[list[int]] = [[]]
    for members in accounts:
        if len(parts[-1]) >= MEMBERS_A_PART:
            parts.append([])
        parts[-1] += members
    return parts


class Helper:
    """One more process with a thread that hands it parts."""

    def __init__(self, task: Task, left: deque[list[int]], done: deque[tuple[int, Result]]) -> None:
        self._process = companions.start(COMMAND)
        self._task, self._left, self._done = task, left, done
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def _feed(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        part: list[int] | None = None
        try:
            companions.send(self._process.stdin, self._task)
            # It says so when it has started: until then this process takes the parts.
            companions.receive(self._process.stdout)
            while self._left:
                part = self._left.popleft()
                companions.send(self._process.stdin, part)
                self._done.append((len(part), companions.receive(self._process.stdout)))
                part = None
        except (OSError, EOFError, IndexError):
            # The helper is gone, or another took the last part: what it had at hand is done here.
            if part is not None:
                self._left.append(part)

    @property
    def is_busy(self) -> bool:
        """Whether it still takes parts."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """A moment, or until what it has at hand is done."""
        self._thread.join(timeout=A_MOMENT)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._thread.join()


def replay_all(task: Task, accounts: Sequence[Sequence[int]], tell: Tell, *, helpers: int | None = None) -> Result:
    """Replay members, as if shared budgets were full.

    :param tell: hears how many members of how many are done; what it raises ends the replay.
    :param helpers: processes beside this one; as many as there are other cores, where nothing is said.
    """
    count = sum(map(len, accounts))
    if helpers is None:
        helpers = min(MOST_HELPERS, (os.cpu_count() or 1) - 1) if count >= FEWEST_FOR_HELP else 0
    left, finished = deque(parts_of(accounts)), deque[tuple[int, Result]]()
    started = [Helper(task, left, finished) for _ in range(helpers)]
    setting, facts, result, done = task.setting(), Facts(), Result(), 0
    try:
        while left or finished or any(helper.is_busy for helper in started):
            if left:
                _take_one(left, finished, setting, facts)
            else:
                for helper in started:
                    helper.wait()
            while finished:
                members, found = finished.popleft()
                result.merge(found)
                done += members
            tell(done, count)
    finally:
        for helper in started:
            helper.close()
    assert done == count, f"{done} of {count} members were replayed"
    return result


def _take_one(left: deque[list[int]], finished: deque[tuple[int, Result]], setting: Setting, facts: Facts) -> None:
    try:
        part = left.popleft()
    except IndexError:
        # A helper was quicker.
        return
    finished.append((len(part), replay_part(part, setting, facts)))


def answer(given: IO[bytes], taken: IO[bytes], enter: Callable[[int], Any]) -> None:
    """What a helper does: read the task, then parts until the end; ``enter`` opens the scope of a program."""
    task: Task = companions.receive(given)
    with enter(task.program_id):
        setting, facts = task.setting(), Facts()
        companions.send(taken, "ready")
        while True:
            try:
                part = companions.receive(given)
            except EOFError:
                return
            companions.send(taken, replay_part(part, setting, facts))
