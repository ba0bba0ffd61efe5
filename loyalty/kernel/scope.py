"""Whose data the present work may touch, and who does it.

The scope lives twice: in a context variable, where managers look (a query without scope is refused in Python), and as a
setting of the database session, where the row-level security policies look (what Python forgot, PostgreSQL refuses).
An entry point enters a scope once; it is cleared when the block ends, also after an error.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from psycopg.pq import TransactionStatus

from loyalty.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``kind``: user, key, member or system; ``id`` within the kind; ``label`` as shown in the audit trail."""

    kind: str
    id: int | None
    label: str


SYSTEM = Actor(kind="system", id=None, label="system")


@dataclass(frozen=True, slots=True)
class Scope:
    """The programs that may be touched, by whom, and whether shared rows may be written (the operator only)."""

    programs: tuple[int, ...]
    actor: Actor
    is_operator: bool = False


class ScopeMissing(AssertionError):
    """A program's data were asked for outside any scope: a programmer's mistake, never caught."""


_current: ContextVar[Scope | None] = ContextVar("scope", default=None)
# What the sessions were told: nothing of a scope that was entered without telling them.
_told: ContextVar[Scope | None] = ContextVar("told", default=None)
# The sessions that are told, by their alias.
_sessions: ContextVar[tuple[str, ...]] = ContextVar("sessions", default=(DEFAULT_DB_ALIAS,))


def current() -> Scope:
    """The scope in force.

    :raises ScopeMissing: none is.
    """
    scope = _current.get()
    if scope is None:
        raise ScopeMissing("Enter a scope first: loyalty.kernel.scope.enter(programs, actor).")
    return scope


def is_entered() -> bool:
    """Whether a scope is in force."""
    return _current.get() is not None


def program_id() -> int:
    """The one program of the scope; a mistake when there are several or none."""
    programs = current().programs
    assert len(programs) == 1, f"exactly one program expected, the scope has {programs}"
    return programs[0]


def actor() -> Actor:
    """Who acts."""
    return current().actor


def _tell_database(alias: str, scope: Scope | None) -> None:
    programs = f"{{{','.join(map(str, scope.programs))}}}" if scope else ""
    operator = "on" if scope and scope.is_operator else ""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.programs', %s, false), set_config('app.operator', %s, false)", [programs, operator]
        )


def _listens(alias: str) -> bool:
    """Whether the session takes statements; one whose transaction is to be undone gets its settings back by that."""
    session = connections[alias].connection
    if session is None or session.closed or connections[alias].needs_rollback:
        return False
    return bool(session.info.transaction_status != TransactionStatus.INERROR)


def _tell_again(alias: str, before: Scope | None) -> None:
    if _listens(alias):
        _tell_database(alias, before)
    elif connections[alias].connection is not None and not connections[alias].in_atomic_block:
        connections[alias].close()


@contextmanager
def enter(programs: Sequence[int], actor: Actor, *, is_operator: bool = False, is_told: bool = True) -> Iterator[Scope]:
    """Open the data of ``programs`` to the block, as ``actor``; restores the scope before it at the end.

    Unless it ``is_told`` to the database, whose sessions go on showing what they showed before, the block reads and writes
    within :func:`told` only: for requests that another may work for.
    """
    scope = Scope(programs=tuple(programs), actor=actor, is_operator=is_operator)
    token = _current.set(scope)
    try:
        if is_told:
            with told():
                yield scope
        else:
            yield scope
    finally:
        _current.reset(token)


@contextmanager
def told() -> Iterator[None]:
    """Tell the database's sessions the scope in force, for the length of the block."""
    before, scope = _told.get(), current()
    token = _told.set(scope)
    try:
        for alias in _sessions.get():
            _tell_database(alias, scope)
        yield
    finally:
        _told.reset(token)
        for alias in _sessions.get():
            _tell_again(alias, before)


@contextmanager
def told_to(alias: str) -> Iterator[None]:
    """Tell another session, too, for the length of the block; after it that session sees no program."""
    token = _sessions.set((*_sessions.get(), alias))
    try:
        _tell_database(alias, _told.get())
        yield
    finally:
        _sessions.reset(token)
        try:
            _tell_again(alias, None)
        except DatabaseError:
            # What cannot be told is not kept for whoever comes next.
            connections[alias].close()


def every_program() -> list[int]:
    """The ids of all programs that run, for sweeps. Needs no scope; tells nothing else about a program."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM loyalty_program_ids() AS id ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def each_program(actor: Actor = SYSTEM) -> Iterator[Iterator[int]]:
    """Iterate over all programs, each in a scope of its own."""

    def walk() -> Iterator[int]:
        for program in every_program():
            with enter([program], actor):
                yield program

    yield walk()


def require(program: int) -> None:
    """Refuse as non-existent what lies outside the scope."""
    if program not in current().programs:
        raise NotFound()
