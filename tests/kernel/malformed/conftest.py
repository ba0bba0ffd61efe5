"""One furnished program for the module, and a key that may do all and as often as it likes."""

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import ApiKey
from tests.browser import routes
from tests.kernel.doors import alone
from tests.kernel.doors.places import Place

# Fixtures, for the tests of this folder.
furnished_alone, place = alone.furnished_alone, alone.place

MUCH = 1_000_000


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
