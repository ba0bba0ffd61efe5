"""What people are told of a refusal."""

from datetime import UTC

import pytest
from django.utils import timezone, translation

from loyalty.kernel import wording

CHANGED = "members.contact_changed_recently"


@pytest.mark.parametrize(("zone", "shown"), [("UTC", "13:52 UTC"), ("America/New_York", "08:52 EST")])
def test_an_instant_is_told_in_the_zone_of_the_reader(zone, shown):
    with timezone.override(zone), translation.override("en"):
        told = wording.sentence(CHANGED, {"until": "2026-11-25T13:52:19+00:00"})

    assert shown in told
    assert "2026-11-25T" not in told


def test_a_day_and_a_number_are_told_as_they_are():
    with timezone.override(UTC), translation.override("en"):
        told = wording.sentence("files.quota_reached", {"megabytes": 500})

    assert "500 MB" in told
