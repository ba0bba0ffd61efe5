"""One use case, one durable transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from loyalty.kernel import scope


class _PreviewEnd(Exception):
    """Unwinds the transaction of a preview."""


@contextmanager
def unit_of_work(*, preview: bool = False) -> Iterator[scope.Scope]:
    """Run a use case in one durable transaction under the scope in force.

    With ``preview`` the block runs to its end against the real database and is then rolled back: the only preview there
    is, so that what is shown and what is done cannot differ. A unit of work inside another is a mistake.
    """
    now_in_force = scope.current()
    try:
        with transaction.atomic(durable=True):
            yield now_in_force
            if preview:
                raise _PreviewEnd
    except _PreviewEnd:
        pass
