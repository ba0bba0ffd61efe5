"""The only clock of the product, so that history can be replayed as of any instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("fixed_instant", default=None)


def now() -> datetime:
    """The present instant in UTC, or the instant that :func:`fixed` pinned."""
    return _fixed.get() or datetime.now(UTC)


def pinned() -> datetime | None:
    """The instant that :func:`fixed` pinned, for whoever goes on with the work in another process."""
    return _fixed.get()


def today(timezone: ZoneInfo) -> date:
    """The local calendar date in ``timezone``."""
    return now().astimezone(timezone).date()


@contextmanager
def fixed(instant: datetime) -> Iterator[None]:
    """Pin :func:`now` for a block: replays of history and tests. ``instant`` must be aware."""
    assert instant.tzinfo is not None, "an instant needs a zone"
    token = _fixed.set(instant)
    try:
        yield
    finally:
        _fixed.reset(token)
