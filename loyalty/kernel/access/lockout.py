"""How often something may be tried before one has to wait.

A try is counted before it is judged, in one statement on one row, so that forty at once are not forty guesses. What is
counted is what was typed: whether an e-mail belongs to anybody changes nothing about the answer.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F

from loyalty.kernel import clock, telemetry
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import SignInTries

KEPT_FOR = timedelta(days=2)

_TAKE = """
    INSERT INTO loyalty_sign_in_tries AS t (bucket, failures, last_at, locked_until) VALUES (%(bucket)s, 1, %(now)s, NULL)
    ON CONFLICT (bucket) DO UPDATE SET
      failures = CASE WHEN t.last_at < %(forgotten)s THEN 1 ELSE t.failures + 1 END,
      locked_until = CASE WHEN t.last_at < %(forgotten)s OR t.failures + 1 < %(free)s THEN NULL
        ELSE %(now)s + least(%(longest)s, %(first)s * 2.0 ^ least(t.failures + 1 - %(free)s, 20)) * interval '1 second' END,
      last_at = excluded.last_at
    WHERE t.locked_until IS NULL OR t.locked_until <= %(now)s
    RETURNING failures
"""


class TooManyTries(Refusal):
    """Tried too often: wait."""

    code = "sign_in.too_many_tries"
    status = 429


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` tries, then a wait that doubles with each further one; all is forgotten after a quiet time."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    forgotten_after: timedelta


OF_SECRETS = Patience(5, timedelta(seconds=30), timedelta(hours=1), timedelta(days=1))
OF_ADDRESSES = Patience(100, timedelta(minutes=10), timedelta(hours=1), timedelta(hours=1))


def take(what: str, patience: Patience = OF_SECRETS) -> None:
    """Count one try of ``what``; after a success call :func:`forget`.

    :raises TooManyTries: it is closed for now; this try is not counted.
    """
    now, bucket = clock.now(), _bucket(what)
    facts: dict[str, Any] = {
        "bucket": bucket, "now": now, "forgotten": now - patience.forgotten_after, "free": patience.free,
        "first": patience.first_wait.total_seconds(), "longest": patience.longest_wait.total_seconds(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, facts)
        if cursor.fetchone() is not None:
            return
    telemetry.log().warning("sign_in.locked", bucket=bucket.hex()[:12])
    until = SignInTries.objects.filter(bucket=bucket).values_list("locked_until", flat=True).first()
    raise TooManyTries(seconds=max(1, int((until - now).total_seconds()) + 1 if until else 1))


def forget(what: str) -> None:
    """A success: the count begins anew."""
    SignInTries.objects.filter(bucket=_bucket(what)).delete()


def give_back(what: str) -> None:
    """Take the last try out of the count, where others' tries are in it, too."""
    SignInTries.objects.filter(bucket=_bucket(what), failures__gt=0).update(
        failures=F("failures") - 1, locked_until=None
    )


def forget_old() -> int:
    """Delete what nobody tried for long; how many."""
    deleted, _by_model = SignInTries.objects.filter(last_at__lt=clock.now() - KEPT_FOR).delete()
    return deleted


def _bucket(what: str) -> bytes:
    return hashlib.sha256(what.encode()).digest()
