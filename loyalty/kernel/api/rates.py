"""How many requests a second: a limit that holds over all web processes and rarely asks the database.

A window is one second. Each process may let a small share through by itself; beyond that it takes tokens from the
window's row, a slice at a time. All free shares and the row's part together are the limit, so it holds whatever process
a request comes to; what a process took and did not use is lost for that second.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection

from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import RateWindow

SLICES = 20
FREE_PART = 10
KEPT_SECONDS = 3600

_TAKE = """
    INSERT INTO loyalty_rate_window AS w (bucket, second, used) VALUES (%(bucket)s, %(second)s, %(slice)s)
    ON CONFLICT (bucket) DO UPDATE SET
      used = CASE WHEN w.second < excluded.second THEN excluded.used
                  ELSE least(w.used + excluded.used, %(most)s) END,
      second = greatest(w.second, excluded.second)
    WHERE w.second < excluded.second OR w.used < %(most)s
    RETURNING new.used - CASE WHEN old.second = new.second THEN old.used ELSE 0 END, new.used
"""


class TooManyRequests(Refusal):
    """The key, or the readers of this member, asked more often than allowed."""

    code = "too_many_requests"
    status = 429
    retry_after = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of a limit after a request, as far as this process knows."""

    limit: int
    remaining: int
    reset: int = 1


@dataclass(slots=True)
class _Window:
    """One bucket in one second, as this process sees it."""

    free: int
    tokens: int = 0
    used_by_all: int = 0
    is_empty: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Limiter:
    """The limits of one web process.

    :param processes: how many processes share the limits at most; each has a free share.
    :param now: the time in seconds, the same in all processes of a machine.
    """

    def __init__(self, *, processes: int, now: Callable[[], float] = time.time) -> None:
        self.processes = processes
        self.now = now
        self._second = 0
        self._windows: dict[int, _Window] = {}
        self._lock = threading.Lock()

    def take(self, bucket: int, limit: int) -> Rate:
        """Count one request of a bucket; in one statement at most.

        :raises TooManyRequests: the limit of this second is used up.
        """
        second, window = self._window(bucket, limit)
        shared = limit - self.free_share(limit) * self.processes
        with window.lock:
            if window.free:
                window.free -= 1
            else:
                if not window.tokens and not window.is_empty:
                    self._take_slice(bucket, second, window, shared)
                if not window.tokens:
                    window.is_empty = True
                    raise TooManyRequests(seconds=TooManyRequests.retry_after, limit=limit)
                window.tokens -= 1
            return Rate(limit, window.free + window.tokens + shared - window.used_by_all)

    def free_share(self, limit: int) -> int:
        """How many requests each process lets through without asking the database."""
        return limit // (FREE_PART * self.processes) or min(1, limit // (2 * self.processes))

    def _window(self, bucket: int, limit: int) -> tuple[int, _Window]:
        with self._lock:
            second = max(int(self.now()), self._second)
            if second > self._second:
                self._second, self._windows = second, {}
            window = self._windows.get(bucket)
            if window is None:
                window = self._windows[bucket] = _Window(free=self.free_share(limit))
            return second, window

    @staticmethod
    def _take_slice(bucket: int, second: int, window: _Window, shared: int) -> None:
        """Take the next tokens of the bucket's row; none are left where no row answers."""
        facts = {"bucket": bucket, "second": second, "slice": max(1, shared // SLICES), "most": shared}
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, facts)
            row = cursor.fetchone()
        window.tokens, window.used_by_all = row or (0, shared)


limiter = Limiter(processes=settings.API_PROCESSES)


def take_for_key(key_id: int, own_limit: int | None) -> Rate:
    """Count a request of a key.

    :raises TooManyRequests: beyond the key's own limit, or the usual one where it has none.
    """
    return limiter.take(key_id, own_limit or settings.API_RATE_PER_KEY)


def take_for_member(program_id: int, identity: str) -> Rate:
    """Count a reading of one member, by whatever key of the program and however named.

    :raises TooManyRequests: one member is read more often than anybody needs.
    """
    digest = hashlib.sha256(f"{program_id}:{identity}".encode()).digest()
    # Below zero, where no key's number is.
    return limiter.take(-1 - int.from_bytes(digest[:8], "big") // 2, settings.API_RATE_PER_MEMBER)


def take_for_address(address: str) -> Rate:
    """Count an attempt of an address to get a token, before it is known whose it is.

    :raises TooManyRequests: more often than a machine needs that keeps its token.
    """
    digest = hashlib.sha256(f"address:{address}".encode()).digest()
    return limiter.take(-1 - int.from_bytes(digest[:8], "big") // 2, settings.API_TOKENS_PER_ADDRESS)


def forget_old() -> int:
    """Delete the windows of long ago; how many."""
    deleted, _by_model = RateWindow.objects.filter(second__lt=int(time.time()) - KEPT_SECONDS).delete()
    return deleted
