"""A tier given and withdrawn on the member's page."""

import pytest

from loyalty.kernel.models import Proposal
from members.activity import tiering
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


def approve(room, client) -> str:
    with room.world.entered():
        asked = Proposal.objects.get()
    sent = {"decision": "approve", "answer": "", "_program": room.world.program_id}
    return client.post(f"/admin/decisions/{asked.public_id}/", sent, follow=True).content.decode()


def test_one_asks_for_a_tier_another_supervisor_gives_it_and_withdraws_it(room, client):
    room.sign_in(client, "agent")
    page = client.get(room.page).content.decode()
    assert "Ask for a tier" in page
    assert "Status: Silver" in page
    assert "70 points in the last 12 months, 930 points to go." in page

    assert "Asked for: Gold." in give(room, client, "GOLD", "2100-12-31")
    assert tiers(room) == []
    room.sign_in(client, "supervisor")
    assert "Gold for member M100, before" in client.get("/admin/decisions/").content.decode()
    assert "Done." in approve(room, client)
    page = client.get(room.page).content.decode()
    assert "Given, not earned" in page
    assert "31 Dec 2100" in page
    assert "Ask for a tier" not in page

    with room.world.entered():
        scheme = TierScheme.objects.get().pk
    client.post(f"{room.page}tiers/{scheme}/withdraw/", {"_program": room.world.program_id})
    assert tiers(room) == [("GOLD", "manual", "a journalist"), ("BASIC", "withdrawn", "")]


def test_a_day_that_has_passed_is_refused_in_words_and_nothing_changes(room, client):
    room.sign_in(client, "supervisor")

    assert "The last day of the tier has passed. Choose a later day." in give(room, client, "GOLD", "2020-01-01")
    assert tiers(room) == []


def test_who_asked_does_not_decide(room, client):
    room.sign_in(client, "supervisor")
    give(room, client, "GOLD")

    assert "You asked for this yourself: another person decides." in approve(room, client)
    assert tiers(room) == []
    room.sign_in_second(client, "supervisor")
    approve(room, client)
    assert tiers(room) == [("GOLD", "manual", "a journalist")]


def test_a_question_that_can_no_longer_be_carried_out_waits_and_says_why(room, client):
    room.sign_in(client, "agent")
    give(room, client, "SILVER")
    with room.world.entered():
        tiering.grant_tier(member_id=room.member.pk, scheme="STATUS", tier="GOLD", until=None, note="", at=NOW)
    room.sign_in(client, "supervisor")

    approve(room, client)

    with room.world.entered():
        assert (Proposal.objects.get().state, Proposal.objects.get().decider) == ("waiting", None)
    assert [code for code, _cause, _note in tiers(room)] == ["GOLD"]


@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_who_may_not_care_for_members_asks_for_no_tier(room, client, role):
    room.sign_in(client, role, opens=False)

    assert client.post(f"{room.page}tiers/", {"_program": room.world.program_id}).status_code == 403
    with room.world.entered():
        assert not Proposal.objects.exists()
