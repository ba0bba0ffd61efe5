"""Reserved points on the member's page, letting them go by hand, and the lists of the back office."""

from datetime import timedelta

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import AuditRecord
from members.ledger import holds
from members.ledger.models import Hold, Wallet
from members.ledger.operations import NewHold
from tests.members.desk.room import NOW, Room, open_room


@pytest.fixture
def room(db) -> Room:
    return open_room()


@pytest.fixture
def hold(room) -> Hold:
    with room.world.entered():
        wallet = Wallet.objects.get(account__members__member=room.member, point_type__code="POINTS")
        wanted = NewHold(
            wallet_id=wallet.pk, member_id=room.member.pk, amount=20, expires_at=NOW + timedelta(minutes=15),
            request_key="h", source="api", till="4",
        )  # fmt: skip
        return holds.hold_points(wanted, at=NOW)


def active(room: Room) -> tuple[int, int]:
    with room.world.entered():
        wallet = Wallet.objects.get(account__members__member=room.member, point_type__code="POINTS")
        return wallet.active, wallet.reserved


def test_an_agent_sees_them_and_lets_them_go_with_a_reason(room, hold, client):
    user = room.sign_in(client, "agent")
    address, before = f"/admin/reservations/{hold.public_id}/release/", active(room)
    with clock.fixed(NOW):
        page = client.get(room.page).content.decode()
        assert "20 points" in page
        assert address in page
        assert "20 points" in client.get(address).content.decode()

        answer = client.post(address, {"_program": room.world.program_id, "reason": "the till broke"})

    assert (answer.status_code, answer["Location"]) == (302, f"{room.page}#reservations")
    assert active(room) == (before[0] + 20, 0)
    with room.world.entered():
        hold.refresh_from_db()
        assert (hold.state, hold.end_reason) == ("released", "the till broke")
        record = AuditRecord.objects.get(action="hold.released")
        assert (record.reason, record.actor_id) == ("the till broke", user.pk)


def test_without_a_reason_nothing_is_let_go(room, hold, client):
    room.sign_in(client, "agent")
    address = f"/admin/reservations/{hold.public_id}/release/"

    with clock.fixed(NOW):
        answer = client.post(address, {"_program": room.world.program_id, "reason": ""})

    assert answer.status_code == 200
    assert active(room)[1] == 20


def test_what_ended_meanwhile_is_said_and_not_touched(room, hold, client):
    room.sign_in(client, "agent")
    with room.world.entered():
        holds.capture_hold(hold.pk, amount=None, request_key="c", at=NOW)
    before = active(room)

    with clock.fixed(NOW):
        answer = client.post(
            f"/admin/reservations/{hold.public_id}/release/", {"_program": room.world.program_id, "reason": "x"}
        )

    assert "no longer held" in answer.content.decode()
    assert active(room) == before


def test_who_may_not_cancel_lets_nothing_go(room, hold, client):
    room.sign_in(client, "marketer")

    answer = client.post(
        f"/admin/reservations/{hold.public_id}/release/", {"_program": room.world.program_id, "reason": "x"}
    )

    assert answer.status_code == 403
    assert active(room)[1] == 20


def test_what_was_held_and_let_go_is_no_part_of_the_history(room, hold, client):
    room.sign_in(client, "agent")
    with room.world.entered():
        holds.release_hold(hold.pk, reason="x", request_key="r", at=NOW)

    page = client.get(room.page).content.decode()

    assert "Held for a till" not in page
    assert "Let go by a till" not in page


def test_the_lists_show_them(room, hold, client):
    room.sign_in(client, "supervisor")
    with clock.fixed(NOW):
        listed = client.get("/admin/members_ledger/hold/").content.decode()
        one = client.get(f"/admin/members_ledger/hold/{hold.pk}/change/").content.decode()
    assert "20 points" in listed
    assert "20 points" in one
    assert client.get("/admin/members_till/tilloperation/").status_code == 200
