"""Translations for sentences that are made by the hundred in one answer.

The explanation of one purchase asks for some four hundred phrases. Django looks each up in a chain of catalogs behind a
context variable; here a phrase is looked up once in a process for each language. After messages are compiled anew a process
begins anew, as it does after any change of the sources.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from django.utils import translation

_MOST_KEPT = 10_000
_held: ContextVar[str | None] = ContextVar("language", default=None)


def language() -> str | None:
    """The active language."""
    return _held.get() or translation.get_language()


@contextmanager
def one_language() -> Iterator[None]:
    """The active language stays the same in the block: it is asked for once, not with each word."""
    token = _held.set(translation.get_language())
    try:
        yield
    finally:
        _held.reset(token)


def gettext(message: str) -> str:
    """``message`` in the active language, as :func:`django.utils.translation.gettext` gives it."""
    return _in_language(language(), message)


@lru_cache(maxsize=_MOST_KEPT)
def _in_language(language: str | None, message: str) -> str:
    return translation.gettext(message)
