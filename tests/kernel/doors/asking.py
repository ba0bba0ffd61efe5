"""Asking a door and taking back what it did."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.urls import reverse

from tests.kernel.doors import matrix


def address_of(name: str, given: Mapping[str, Any] | None = None) -> str:
    """The address of a route of the staff site."""
    is_site = name not in matrix.PAGES
    return reverse(f"admin:{name}" if is_site else name, kwargs=dict(given or {}))


@contextmanager
def taken_back(is_wanted: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Whatever the block writes is rolled back at its end, if that is wanted; to the product it is no transaction."""
    block = transaction.atomic()
    # To the product this is the test's own transaction, inside which it may commit durably.
    block._from_testcase = True
    with block:
        try:
            yield
        finally:
            if is_wanted():
                transaction.set_rollback(True)


def ask(
    client: Any, method: str, address: str, data: Any = None, look: Callable[[], None] | None = None, **more: Any
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of an answer; whatever the door did is rolled back, after a ``look`` at it."""
    with taken_back():
        send = getattr(client, method.lower())
        answer = send(address, data, **more) if data is not None else send(address, **more)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if look is not None:
            look()
    return answer.status_code, body, dict(answer.headers)


def share(cases: Sequence[Any], turn: int, parts: int) -> list[Any]:
    """All cases in a whole ``make prove``; else one part of them, another one for each ``turn``."""
    is_whole = int(os.environ.get("PROOF_SHARE", "0")) >= 100
    return list(cases) if is_whole else list(cases)[turn % parts :: parts]
