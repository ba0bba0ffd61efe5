"""Reads that may be some seconds late go to a read replica, where there is one that keeps up.

Nothing goes there by itself: a block says that its reads may lag. Within it the router sends reads of models to the
replica, and statements written by hand ask :func:`connection` where they go. Writes, and every read while a transaction
of the primary is open, stay with the primary.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from prometheus_client import Counter, Gauge

from loyalty.kernel import scope, telemetry

REPLICA = "replica"
# A replica that did not answer is asked again after so many seconds: until then nobody waits for it.
LEFT_ALONE_FOR = 5.0

READS = Counter("loyalty_replica_reads_total", "Blocks of reads that may lag, by how the replica stood", ["state"])
LAG = Gauge("loyalty_replica_lag_seconds", "How far the replica was behind when it was last asked")

_POSITION = "SELECT pg_current_wal_lsn()"
# A replica that has everything is not late, however long ago the last transaction was.
_LAG = """
SELECT pg_is_in_recovery(),
       CASE WHEN pg_last_wal_replay_lsn() >= %s::text::pg_lsn THEN 0
            ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END
"""

_Answer = TypeVar("_Answer")
_reading: ContextVar[str] = ContextVar("reading", default=DEFAULT_DB_ALIAS)
_left_alone_until: list[float] = []


class State(StrEnum):
    """How the replica stands: there is none, it serves, it is too far behind, it cannot be read from."""

    NONE = "none"
    READY = "ready"
    BEHIND = "behind"
    AWAY = "away"


def alias() -> str:
    """The alias that reads go to here: the replica's in a block whose reads may lag, outside a transaction."""
    found = _reading.get()
    is_primary = found == DEFAULT_DB_ALIAS or connections[DEFAULT_DB_ALIAS].in_atomic_block
    return DEFAULT_DB_ALIAS if is_primary else found


def connection() -> Any:
    """The connection for reading by statements written by hand: ask anew for each, as the router does."""
    return connections[alias()]


def state() -> State:
    """How the replica stands now, by one question to each server; tells the metric of its lag.

    Behind means that it lacks something and that the newest it has is older than ``REPLICA_MOST_LAG`` seconds. A server
    that has become a primary of its own counts as away: what it has is not ours any more.
    """
    if REPLICA not in connections:
        return State.NONE
    if _left_alone_until and time.monotonic() < _left_alone_until[0]:
        return State.AWAY
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_POSITION)
        position = str(cursor.fetchone()[0])
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(_LAG, [position])
            is_replica, lag = cursor.fetchone()
    except (DatabaseError, InterfaceError) as problem:
        leave_alone(problem)
        return State.AWAY
    LAG.set(float("inf") if lag is None else lag)
    if not is_replica:
        return State.AWAY
    return State.READY if lag is not None and lag <= settings.REPLICA_MOST_LAG else State.BEHIND


def leave_alone(problem: Exception) -> None:
    """Ask nothing of the replica for some seconds: it is away."""
    telemetry.log().warning("replica.away", problem=type(problem).__name__)
    _left_alone_until[:] = [time.monotonic() + LEFT_ALONE_FOR]
    connections[REPLICA].close()


def forget() -> None:
    """Ask the replica again at once, even if it was away a moment ago."""
    _left_alone_until.clear()


@contextmanager
def reads_may_lag() -> Iterator[None]:
    """Let the reads of the block be ``REPLICA_MOST_LAG`` seconds late: they go to the replica, behind the same walls.

    They stay with the primary where there is no replica, where it is away or further behind, and in a transaction. A
    replica that breaks off within the block is an ``OperationalError``, as of any server: :func:`lagging` reads anew.
    """
    if REPLICA not in connections or alias() == REPLICA or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        yield
        return
    found = state()
    READS.labels(state=found).inc()
    if found != State.READY:
        yield
        return
    with scope.told_to(REPLICA):
        token = _reading.set(REPLICA)
        try:
            yield
        except (OperationalError, InterfaceError) as problem:
            leave_alone(problem)
            raise
        finally:
            _reading.reset(token)


def lagging(read: Callable[[], _Answer]) -> _Answer:
    """What ``read`` answers within :func:`reads_may_lag`; read once more from the primary if the replica breaks off."""
    try:
        with reads_may_lag():
            is_replica = alias() == REPLICA
            return read()
    except (OperationalError, InterfaceError):
        if not is_replica:
            raise
    return read()
