"""Two programs for all tests of a module: each test's own writes are taken back, so they are made once."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import client

from tests.kernel.doors import alone, places
from tests.kernel.doors.asking import taken_back
from tests.kernel.doors.places import Place

# Fixtures, for the tests of this folder.
furnished_alone, place = alone.furnished_alone, alone.place


@pytest.fixture(autouse=True)
def unobserved(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Thousands of answers are read as bytes: nobody keeps what their templates were given, nor words each no in a log."""
    monkeypatch.setattr(client, "store_rendered_templates", lambda *_told, **_more: None)
    with caplog.at_level(logging.CRITICAL, "django.request"):
        yield


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Place, Place, Place]]:
    """One's own program, another one that is marked, and one that was made and is gone again."""
    with django_db_blocker.unblock(), taken_back():
        with taken_back():
            gone = places.make_place("GONE")
        yield places.make_place("FIRST"), places.make_place("SECOND", is_marked=True), gone


@pytest.fixture
def three(furnished: tuple[Place, Place, Place]) -> Iterator[tuple[Place, Place, Place]]:
    """The programs, for one test. Its module asks for no other database: these stand in an open transaction."""
    with taken_back():
        yield furnished


@pytest.fixture
def two(three: tuple[Place, Place, Place]) -> tuple[Place, Place]:
    """One's own program and the marked one."""
    return three[0], three[1]
