"""Recording the purchases of a chunk in two lanes: this process records one half, another process the other.

All purchases of an account go by one lane, in the order of their time, so that no two lanes touch one wallet. Where a rule
has a limit that members share, or gives what there may be too little of, it matters who comes first: there is one lane then,
and the order is that of time.
"""

import os
import select
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pickle import UnpicklingError
from time import perf_counter
from typing import IO, Any, NamedTuple

import msgspec
from django.db import connection

from loyalty.kernel import clock, companions, scope, telemetry
from loyalty.kernel.scope import Scope
from members.files import recording
from members.files.recording import Taken
from members.files.staging import StagedPurchase
from members.profiles.models import AccountMember
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.rules import limit_documents

COMMAND = "take_purchases"
# Fewer purchases are recorded sooner than a process is started.
FEWEST = 2000
# How many seconds the first chunk waits for the process to start: the one half of it takes longer.
PATIENCE = 2.0
# What part of the accounts this process takes: of the first chunk, and of any other at least and at most.
FIRST_SHARE, LEAST, MOST = 0.49, 0.3, 0.7
_TOLD = msgspec.msgpack.Decoder(list[StagedPurchase])
_LIMITS_OF_ONE = frozenset({"member", "recipient", "account", "household", "transaction"})
_EFFECTS_OF_ONE = frozenset({"bundle", "discount", "earn", "free_delivery", "message", "nth_free", "print"})


@dataclass(frozen=True, slots=True)
class Task:
    """What the other process must know to record purchases as this one does."""

    source: str
    scope: Scope
    trace: str
    pinned: datetime | None


class Parts(NamedTuple):
    """Purchases of both lanes; ``told`` are those of the other one as they travel, ``share`` the part that is not its."""

    own: Sequence[StagedPurchase]
    other: Sequence[StagedPurchase]
    told: bytes
    share: float


class Done(NamedTuple):
    """What the other lane answers: what became of its purchases, and how many seconds it took."""

    taken: Taken
    seconds: float


class Lanes:
    """The way of purchases into the books: one lane, and a second one when its process has started.

    Whatever becomes of that process, its purchases are recorded: what it had at hand when it was gone is recorded here, as
    is all that follows. What it had recorded of that is known to the books then.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.process: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._patience = PATIENCE
        self._ahead: tuple[Sequence[StagedPurchase], Parts] | None = None
        self._share = FIRST_SHARE

    def open(self) -> None:
        """Start the process of the second lane, where there can be one."""
        if self.process is None and _is_possible() and _may_part(snapshots.present()):
            self.process = companions.start(COMMAND)
            self._tell(Task(self.source, scope.current(), telemetry.trace_id(), clock.pinned()))

    def close(self) -> None:
        """End the second lane when it has recorded what it has at hand."""
        if self.process is not None:
            companions.end(self.process)
            self.process = None

    def take(self, staged: Sequence[StagedPurchase], *, following: Callable[[], Sequence[StagedPurchase]]) -> Taken:
        """Record purchases; when it answers, both lanes are done.

        :param following: reads those that are taken next, while the other lane records.
        """
        if not self._is_open() or not _may_part(snapshots.present()):
            return recording.take(staged, self.source)
        ahead, self._ahead = self._ahead, None
        parts = ahead[1] if ahead is not None and ahead[0] is staged else _parted(staged, self._share)
        began = perf_counter()
        self._tell(parts.told)
        coming = following()
        self._ahead = coming, _parted(coming, self._share)
        own, seconds = recording.take(parts.own, self.source), perf_counter() - began
        done: Done | None = self._hear()
        if done is None:
            return own.and_of(recording.take(parts.other, self.source))
        self._share = balanced(self._share, parts.share, seconds, done.seconds)
        return own.and_of(done.taken)

    def _is_open(self) -> bool:
        """Whether the process has said that it has started. It is waited for once; then this one takes all until it has."""
        if self.process is None:
            return False
        assert self.process.stdout is not None
        if not self._is_ready:
            has_spoken = bool(select.select([self.process.stdout], [], [], self._patience)[0])
            self._is_ready, self._patience = has_spoken and self._hear() is not None, 0.0
        return self._is_ready

    def _tell(self, what: object) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        # One that is gone is not heard of any more.
        with suppress(BrokenPipeError):
            companions.send(self.process.stdin, what)

    def _hear(self) -> Any:
        """What the process says; nothing when it is gone, and the lane is closed."""
        assert self.process is not None
        assert self.process.stdout is not None
        try:
            return companions.receive(self.process.stdout)
        except (EOFError, UnpicklingError):
            telemetry.log().warning("files.lane_lost", status=self.process.poll())
            self._is_ready = False
            self.close()
            return None


@contextmanager
def opened(source: str) -> Iterator[Lanes]:
    """The lanes of a file for the length of a block."""
    lanes = Lanes(source)
    try:
        yield lanes
    finally:
        lanes.close()


def answer(given: IO[bytes], taken: IO[bytes]) -> None:
    """What the process of the second lane does: read its task, then purchases until the end."""
    try:
        task: Task = companions.receive(given)
        _answer(task, given, taken)
    except (EOFError, BrokenPipeError):
        # Whoever asked has what it wanted, or is gone.
        return


def _answer(task: Task, given: IO[bytes], taken: IO[bytes]) -> None:
    telemetry.set_trace(task.trace)
    with scope.enter(task.scope.programs, task.scope.actor, is_operator=task.scope.is_operator), _at(task.pinned):
        # Read and compiled while nobody waits.
        frozen = snapshots.present()
        frozen.at(clock.now())
        companions.send(taken, True)
        while True:
            staged = _TOLD.decode(companions.receive(given))
            with recording.no_circles():
                began = perf_counter()
                done = recording.take(staged, task.source)
                companions.send(taken, Done(done, perf_counter() - began))


def _at(pinned: datetime | None) -> AbstractContextManager[None]:
    return nullcontext() if pinned is None else clock.fixed(pinned)


def _is_possible() -> bool:
    """Whether there is a core for it, and nothing that another session would not see."""
    return (os.cpu_count() or 1) > 1 and not connection.in_atomic_block


def _may_part(frozen: FrozenProgram) -> bool:
    """Whether no rule could give one member less because of another."""
    return all(_is_of_one(rule.document) for rule in frozen.rules)


def _is_of_one(rule: Mapping[str, Any]) -> bool:
    effects = [*rule["then"], *rule.get("else", ())]
    return all(limit["scope"] in _LIMITS_OF_ONE for _place, limit in limit_documents(rule)) and all(
        effect["effect"] in _EFFECTS_OF_ONE and effect.get("to", "member") == "member" for effect in effects
    )


def balanced(share: float, given: float, own: float, other: float) -> float:
    """The share of this process, half way from where it is to where both would have taken as long.

    :param given: its share of what took both lanes ``own`` and ``other`` seconds.
    """
    if not (0 < given < 1 and own and other):
        return share
    own_pace, other_pace = given / own, (1 - given) / other
    return min(MOST, max(LEAST, (share + own_pace / (own_pace + other_pace)) / 2))


def _parted(staged: Sequence[StagedPurchase], share: float) -> Parts:
    """Purchases in two lanes, by account."""
    rows = AccountMember.objects.filter(member_id__any={one.member_id for one in staged}, is_primary=True)
    accounts = dict(rows.values_list("member_id", "account_id"))
    numbered = enumerate(sorted(set(accounts.values())))
    own = {account for place, account in numbered if int((place + 1) * share + 0.5) > int(place * share + 0.5)}
    first: list[StagedPurchase] = []
    second: list[StagedPurchase] = []
    for one in staged:
        (first if accounts.get(one.member_id) in own else second).append(one)
    part = len(first) / len(staged) if staged else share
    return Parts(first, second, msgspec.msgpack.encode(second), part)
