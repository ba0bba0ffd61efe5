"""A tier given and withdrawn on the member's page."""

import pytest

from members.profiles.models import MemberTier
from programs.promotions import services as promotions
from programs.setup.models import PointType
from programs.tiers.models import Tier, TierScheme
from tests.members.desk.room import NOW, open_room

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])


@pytest.fixture
def room():
    made = open_room()
    with made.world.entered():
        scheme = TierScheme.objects.create(
            code="STATUS", name={"en": "Status"}, point_type=PointType.objects.get(code="POINTS")
        )
        for rank, (code, threshold) in enumerate((("BASIC", 0), ("SILVER", 1000), ("GOLD", 5000))):
            Tier.objects.create(scheme=scheme, code=code, name={"en": code.title()}, rank=rank, threshold=threshold)
        promotions.freeze_settings(now=NOW)
    return made


def tiers(room) -> list[tuple[str, str, str]]:
    with room.world.entered():
        rows = MemberTier.objects.filter(member=room.member).order_by("since_at", "pk").select_related("tier")
        return [(row.tier.code, row.cause, row.note) for row in rows]


def give(room, client, tier: str, last_day: str = ""):
    with room.world.entered():
        key = Tier.objects.get(code=tier).pk
    values = {"tier": key, "until": last_day, "note": "a journalist", "_program": room.world.program_id}
    return client.post(f"{room.page}tiers/", values, follow=True).content.decode()


def test_a_supervisor_gives_a_tier_and_withdraws_it(room, client):
    room.sign_in(client, "supervisor")
    page = client.get(room.page).content.decode()
    assert "Give a tier" in page
    assert "Status: Silver" in page
    assert "70 points in the last 12 months, 930 points to go." in page

    assert "Given: Gold." in give(room, client, "GOLD", "2100-12-31")
    page = client.get(room.page).content.decode()
    assert "Given, not earned" in page
    assert "31 Dec 2100" in page
    assert "Give a tier" not in page

    with room.world.entered():
        scheme = TierScheme.objects.get().pk
    client.post(f"{room.page}tiers/{scheme}/withdraw/", {"_program": room.world.program_id})
    assert tiers(room) == [("GOLD", "manual", "a journalist"), ("BASIC", "withdrawn", "")]


def test_a_day_that_has_passed_is_refused_in_words_and_nothing_changes(room, client):
    room.sign_in(client, "supervisor")

    assert "The last day of the tier has passed. Choose a later day." in give(room, client, "GOLD", "2020-01-01")
    assert tiers(room) == []


def test_an_agent_gives_no_tiers(room, client):
    room.sign_in(client, "agent")

    assert "Give a tier" not in client.get(room.page).content.decode()
    with room.world.entered():
        key = Tier.objects.get(code="GOLD").pk
    answer = client.post(f"{room.page}tiers/", {"tier": key, "note": "x", "_program": room.world.program_id})
    assert answer.status_code == 403
    assert tiers(room) == []
