"""Blocking a member at the desk, and what a blocked member can do."""

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import AuditRecord
from members.activity import services as activity
from members.activity.batch import MemberBlocked
from members.ledger import transfers
from members.profiles.models import Block, Member
from tests.members.desk.room import NOW, give_back, purchase, scoped


def status(room) -> str:
    with scoped(room):
        return str(Member.objects.get(pk=room.member.pk).status)


def blocks(room) -> list[tuple[str, str, bool]]:
    with scoped(room):
        rows = Block.objects.order_by("pk").values_list("reason", "lift_reason", "lifted_at")
        return [(reason, lifted, at is not None) for reason, lifted, at in rows]


def send(room, client, deed: str, reason: str):
    return client.post(f"{room.page}{deed}/", {"reason": reason, "_program": room.world.program_id})


def test_an_agent_blocks_with_a_reason_that_the_page_shows(room, client):
    agent = room.sign_in(client, "agent")
    assert f"{room.page}block/" in client.get(room.page).content.decode()

    answer = send(room, client, "block", "two people, one account")

    assert (answer.status_code, status(room)) == (302, "blocked")
    page = client.get(room.page).content.decode()
    assert "two people, one account" in page
    assert f"{room.page}block/" not in page
    with scoped(room):
        deed = AuditRecord.objects.get(action="member.blocked")
    assert (deed.actor_label, deed.reason, deed.changes) == (
        str(agent), "two people, one account", {"status": ["active", "blocked"]},
    )  # fmt: skip


def test_without_a_reason_nothing_happens(room, client):
    room.sign_in(client, "agent")

    send(room, client, "block", " ")

    assert (status(room), blocks(room)) == ("active", [])


def test_an_agent_does_not_unblock_and_a_supervisor_does(room, client):
    room.sign_in(client, "agent")
    send(room, client, "block", "looks odd")
    assert send(room, client, "unblock", "a mistake").status_code == 403
    assert status(room) == "blocked"
    room.sign_in(client, "supervisor")

    send(room, client, "unblock", "a mistake")

    assert (status(room), blocks(room)) == ("active", [("looks odd", "a mistake", True)])
    with scoped(room):
        assert AuditRecord.objects.get(action="member.unblocked").reason == "a mistake"


def test_twice_is_said_and_changes_nothing(room, client):
    room.sign_in(client, "supervisor")
    send(room, client, "block", "first")

    again = send(room, client, "block", "second")
    send(room, client, "unblock", "fine")
    back = send(room, client, "unblock", "fine again")

    assert "The member is blocked already." in again.content.decode()
    assert "The member is not blocked." in back.content.decode()
    assert blocks(room) == [("first", "fine", True)]


def test_a_member_who_came_in_blocked_is_unblocked(room, client):
    with scoped(room):
        Member.objects.filter(pk=room.member.pk).update(status="blocked")
    room.sign_in(client, "supervisor")

    send(room, client, "unblock", "asked for it")

    assert (status(room), blocks(room)) == ("active", [])


def test_a_blocked_member_neither_earns_nor_sends_but_gives_back(room, client):
    room.sign_in(client, "agent")
    send(room, client, "block", "looks odd")

    with scoped(room):
        with pytest.raises(MemberBlocked):
            activity.record_purchase(purchase(room.member.pk, "R-2", [(1, "5.00")], at=NOW))
        with pytest.raises(transfers.MemberInactive):
            transfers.transfer_points(
                sender_id=room.member.pk, recipient_id=Member.objects.get(number="M200").pk,
                point_type_id=room.world.points_id, amount=1, note="", request_key="k", at=clock.now(),
            )  # fmt: skip
    assert room.balance() == (60, 10)

    give_back(room)

    assert room.balance() == (60, 0)


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("supervisor", 200), ("marketer", 403)])
def test_who_may_block(room, client, role, status):
    room.sign_in(client, role)

    assert client.get(f"{room.page}block/").status_code == status


def test_nobody_unblocks_themselves(room, client):
    user = room.sign_in(client, "supervisor")
    send(room, client, "block", "looks odd")
    user.email = "anna@example.com"
    user.save(update_fields=["email"])

    answer = send(room, client, "unblock", "it is me")

    assert "the e-mail by which you sign in" in answer.content.decode()
    assert status(room) == "blocked"
