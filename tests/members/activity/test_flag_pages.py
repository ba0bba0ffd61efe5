"""Flags on the member's page, and who clears them."""

import pytest

from loyalty.kernel.models import AuditRecord
from members.activity.models import MemberFlag
from tests.members.desk.room import NOW, Room, open_room


@pytest.fixture
def room(db) -> Room:
    return open_room()


@pytest.fixture
def flag(room) -> MemberFlag:
    with room.world.entered():
        made: MemberFlag = MemberFlag.objects.create(
            member=room.member, code="BIG-BASKET", note={"en": "Call the store"}, since_at=NOW
        )
        return made


def test_a_supervisor_clears_it_with_what_they_found_out(room, flag, client):
    user = room.sign_in(client, "supervisor")
    address = f"/admin/flags/{flag.public_id}/clear/"
    page = client.get(room.page).content.decode()
    assert "Call the store" in page
    assert address in page

    answer = client.post(address, {"_program": room.world.program_id, "reason": "a wedding"})

    assert (answer.status_code, answer["Location"]) == (302, room.page)
    with room.world.entered():
        flag.refresh_from_db()
        assert (flag.clear_reason, flag.cleared_by_id) == ("a wedding", user.pk)
        assert AuditRecord.objects.get(action="flag.cleared").reason == "a wedding"


def test_an_agent_sees_it_and_cannot_clear_it(room, flag, client):
    room.sign_in(client, "agent")

    assert "Call the store" in client.get(room.page).content.decode()
    answer = client.post(f"/admin/flags/{flag.public_id}/clear/", {"_program": room.world.program_id, "reason": "x"})

    assert answer.status_code == 403
    with room.world.entered():
        flag.refresh_from_db()
        assert flag.cleared_at is None
