"""Corrections above the limit at the desk: the agent asks, the supervisor decides."""

import pytest

from members.ledger.models import AdjustmentRequest, Entry
from programs.setup.models import Program
from tests.members.desk.room import scoped

LIST = "/admin/members/requests/"


def waiting(room) -> list[AdjustmentRequest]:
    with scoped(room):
        return list(AdjustmentRequest.objects.filter(state="waiting"))


def corrections(room) -> int:
    with scoped(room):
        return Entry.objects.filter(kind="adjust").count()


def ask(room, client, amount: str = "101") -> str:
    """File a request as an agent; the address of its page."""
    client.post(room.adjust, room.form(amount=amount, request_key="k", ask="yes"))
    (asked,) = waiting(room)
    return f"{LIST}{asked.public_id}/"


def decide(room, client, page: str, decision: str, reason: str = ""):
    return client.post(page, {"decision": decision, "reason": reason, "_program": room.world.program_id})


def test_the_refusal_offers_to_ask_and_asking_posts_nothing(room, client):
    room.sign_in(client, "agent")
    refused = client.post(room.adjust, room.form(amount="101"))
    assert "Ask a supervisor to approve it" in refused.content.decode()

    asked = client.post(room.adjust, room.form(amount="101", request_key="k", ask="yes"))

    assert (asked.status_code, asked.url) == (302, room.page)
    assert [one.amount for one in waiting(room)] == [101]
    assert (room.balance(), corrections(room)) == ((60, 10), 0)


def test_beyond_the_sum_of_a_day_it_goes_the_same_way(room, client):
    with scoped(room):
        Program.objects.update(settings={"correction_daily_points": 60})
    room.sign_in(client, "agent")
    client.post(room.adjust, room.form(request_key="first"))

    refused = client.post(room.adjust, room.form()).content.decode()
    page = ask(room, client, "50")
    room.sign_in(client, "supervisor")
    decide(room, client, page, "approve")

    assert (
        "You may correct 60 points a day, all reasons together; 10 are left for today and you asked for 50." in refused
    )
    assert "Ask a supervisor to approve it" in refused
    assert (room.balance(), corrections(room), waiting(room)) == ((160, 10), 2, [])


def test_a_supervisor_approves(room, client):
    room.sign_in(client, "agent")
    page = ask(room, client)
    room.sign_in(client, "supervisor")
    assert "+101 points" in client.get(LIST).content.decode()
    shown = client.get(page).content.decode()
    assert "Agent asks to give 101 points." in shown
    assert "The balance is 60 points." in shown

    answer = decide(room, client, page, "approve")

    assert (answer.status_code, answer.url) == (302, LIST)
    assert (room.balance(), corrections(room), waiting(room)) == ((161, 10), 1, [])
    assert "Approved: Supervisor" in client.get(page).content.decode()


def test_a_supervisor_rejects_and_says_why(room, client):
    room.sign_in(client, "agent")
    page = ask(room, client)
    room.sign_in(client, "supervisor")

    without = decide(room, client, page, "reject")
    done = decide(room, client, page, "reject", "no receipt")

    assert "Say why it is rejected." in without.content.decode()
    assert (done.status_code, room.balance(), corrections(room), waiting(room)) == (302, (60, 10), 0, [])
    assert "no receipt" in client.get(LIST).content.decode()


def test_a_decision_after_another_is_refused_in_words(room, client):
    room.sign_in(client, "agent")
    page = ask(room, client)
    room.sign_in(client, "supervisor")
    decide(room, client, page, "approve")

    answer = decide(room, client, page, "approve")

    assert "This has been decided already by Supervisor: Approved." in answer.content.decode()
    assert (room.balance(), corrections(room)) == ((161, 10), 1)


def test_points_that_are_not_there_are_said_in_points(room, client):
    room.sign_in(client, "agent")
    client.post(room.adjust, room.form(direction="take", amount="101", request_key="k", ask="yes"))
    (asked,) = waiting(room)
    room.sign_in(client, "supervisor")

    answer = decide(room, client, f"{LIST}{asked.public_id}/", "approve")

    assert "Only 60 points can be taken; you asked for 101." in answer.content.decode()
    assert (room.balance(), len(waiting(room))) == ((60, 10), 1)


@pytest.mark.parametrize(("role", "status"), [("supervisor", 200), ("agent", 403), ("marketer", 403)])
def test_who_may(room, client, role, status):
    room.sign_in(client, "agent")
    page = ask(room, client)
    if role != "agent":
        room.sign_in(client, role)

    assert (client.get(LIST).status_code, client.get(page).status_code) == (status, status)
