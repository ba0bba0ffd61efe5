"""One furnished program for a module whose tests take back what they write."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel.doors import places
from tests.kernel.doors.asking import taken_back
from tests.kernel.doors.places import Place


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """A program with one of everything."""
    with django_db_blocker.unblock(), taken_back():
        yield places.make_place("FIRST")


@pytest.fixture
def place(furnished: Place) -> Iterator[Place]:
    """The program, for one test."""
    with taken_back():
        yield furnished
