"""One furnished program for the module, and a key that may do all and as often as it likes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import ApiKey
from tests.browser import routes
from tests.kernel.doors import places
from tests.kernel.doors.asking import taken_back
from tests.kernel.doors.places import Place

MUCH = 1_000_000


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """A program with one of everything; what tests write is taken back."""
    with django_db_blocker.unblock(), taken_back():
        yield places.make_place("FIRST")


@pytest.fixture
def place(furnished: Place) -> Iterator[Place]:
    """The program, for one test."""
    with taken_back():
        yield furnished


@pytest.fixture
def api(place: Place, monkeypatch: pytest.MonkeyPatch) -> APIClient:
    """A client with every scope."""
    monkeypatch.setattr(settings, "API_RATE_PER_MEMBER", MUCH)
    with routes.in_program(place.program):
        key, token = ApiKey.issue(name="malformed", scopes=sorted(SCOPES))
        key.rate_per_second = MUCH
        key.save()
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client
