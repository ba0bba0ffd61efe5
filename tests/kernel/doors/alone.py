"""One furnished program for a module whose tests take back what they write."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel.doors import places
from tests.kernel.doors.asking import taken_back
from tests.kernel.doors.places import Place


@pytest.fixture(scope="module")
def furnished_alone(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """A program with one of everything, for modules that ask about no other."""
    with django_db_blocker.unblock(), taken_back():
        yield places.make_place("FIRST")


@pytest.fixture
def place(furnished_alone: Place) -> Iterator[Place]:
    """The one program, for one test. Its module asks for no other database."""
    with taken_back():
        yield furnished_alone
