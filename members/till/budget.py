"""How long a till may be kept waiting, and what to say when judging does not come in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError, connection

from loyalty.kernel.errors import Refusal
from programs.promotions.models import Snapshot

# A statement that took too long, and a lock that did not come.
_TOO_SLOW = frozenset({"57014", "55P03"})
# What is done afterwards has nobody waiting for it, but ends.
UNHURRIED = timedelta(minutes=1)


class CannotJudge(Refusal):
    """The rules are not there, or what they look back at did not come in time: the till goes on without."""

    code = "till.cannot_judge"
    status = 409
    retry_after = 5


@contextmanager
def within_budget(limit: timedelta | None = None) -> Iterator[None]:
    """Give each statement of the block the till's budget (``TILL_BUDGET``, or ``limit``); outside any
    transaction.

    :raises CannotJudge: the budget is over, or the program has no rules yet; ``missing`` says which.
    """
    try:
        _limit(f"{int((limit or settings.TILL_BUDGET).total_seconds() * 1000)}ms")
        yield
    except Snapshot.DoesNotExist:
        raise CannotJudge(missing="rules") from None
    except OperationalError as problem:
        if getattr(problem.__cause__, "sqlstate", "") not in _TOO_SLOW:
            raise
        raise CannotJudge(missing="history") from problem
    finally:
        _limit("0")


def _limit(duration: str) -> None:
    if connection.needs_rollback:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
            [duration, duration],
        )
