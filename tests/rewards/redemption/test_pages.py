"""Taking a reward at the desk and canceling it: price and balance first, done once, refused in words."""

import re
from datetime import timedelta

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import User
from loyalty.kernel.unit_of_work import unit_of_work
from members.profiles import operations as profiles
from members.profiles.models import Member
from members.profiles.operations import NewMember
from rewards.catalog.models import Reward
from rewards.redemption.models import Redemption
from tests.members.desk.room import Room, open_room, scoped
from tests.members.world import START


@pytest.fixture
def room(db) -> Room:
    return open_room()


def address(room: Room, code: str) -> str:
    with scoped(room):
        reward = Reward.objects.get(code=code)
    return f"/admin/redemptions/members/{room.member.public_id}/rewards/{reward.public_id}/"


def agent_in(room: Room, client) -> User:
    """An agent who knows that it is Anna who calls."""
    user = room.sign_in(client, "agent")
    room.check_caller_of(user)
    return user


def taken(room: Room) -> list[tuple[str, int, int, str]]:
    with scoped(room):
        rows = Redemption.objects.order_by("pk").select_related("reward")
        return [(row.reward.code, row.quantity, row.price, row.state) for row in rows]


def stock(room: Room) -> int | None:
    with scoped(room):
        return Reward.objects.get(code="MUG").stock


def take(room: Room, client, key: str = "k", quantity: int = 1):
    sent = {"quantity": quantity, "request_key": key, "_program": room.world.program_id}
    return client.post(address(room, "MUG"), sent)


def test_the_panel_offers_what_is_within_reach_first(room, client):
    room.sign_in(client, "agent")

    panels = {each["template"]: each["context"] for each in client.get(room.page).context["panels"]}
    panel = panels["redemption/_panel.html"]

    assert [one.reward.code for one in panel["open_offers"]] == ["MUG"]
    assert [(one.reward.code, one.missing) for one in panel["other_offers"]] == [("BAG", 0), ("TRIP", 840)]


def test_price_and_balance_after_are_seen_before_anything_is_done(room, client):
    room.sign_in(client, "agent")

    context = client.get(address(room, "MUG")).context

    assert (context["balance"], context["price"], context["after"]) == (60, 40, 20)
    assert (taken(room), room.balance(), stock(room)) == ([], (60, 10), 3)


def test_a_form_sent_twice_takes_once(room, client):
    agent_in(room, client)
    page = client.get(address(room, "MUG")).content.decode()
    key = re.search(r'name="request_key" value="(\w+)"', page).group(1)

    assert [take(room, client, key).status_code for _time in range(2)] == [302, 302]

    assert (taken(room), room.balance(), stock(room)) == ([("MUG", 1, 40, "issued")], (20, 10), 2)


@pytest.mark.parametrize(
    ("code", "quantity", "words"),
    [
        ("TRIP", 1, "Not enough: 900 points are needed, 60 can be spent."),
        ("MUG", 2, "Not enough: 80 points are needed, 60 can be spent."),
        ("BAG", 1, "The reward “Bag” is not available: 0 left."),
    ],
)
def test_a_refusal_is_told_and_moves_nothing(room, client, code, quantity, words):
    agent_in(room, client)
    sent = {"quantity": quantity, "request_key": "k", "_program": room.world.program_id}

    answers = [client.get(address(room, code), {"quantity": quantity}), client.post(address(room, code), sent)]

    assert all(words in answer.content.decode() for answer in answers)
    assert (taken(room), room.balance(), stock(room)) == ([], (60, 10), 3)


def test_a_member_who_never_had_points_is_told_so(room, client):
    with scoped(room), unit_of_work():
        new = profiles.add_members([NewMember(number="M300", enrolled_at=START)])[0]
        member = Member.objects.get(pk=new.member_id)
    room.sign_in(client, "agent")
    address_of_new = address(room, "MUG").replace(str(room.member.public_id), str(member.public_id))

    page, answer = client.get(f"/admin/members/{member.public_id}/"), client.get(address_of_new)

    assert [one.shown for one in page.context["balances"]] == [0]
    assert "Not enough: 40 points are needed, 0 can be spent." in answer.content.decode()
    assert taken(room) == []


def test_a_canceled_reward_gives_points_and_stock_back_with_its_reason(room, client):
    agent_in(room, client)
    take(room, client)
    with scoped(room):
        redemption = Redemption.objects.get()
    cancel = f"/admin/redemptions/{redemption.public_id}/cancel/"

    without_reason = client.post(cancel, {"reason": "", "_program": room.world.program_id})
    done = client.post(cancel, {"reason": "wrong color", "_program": room.world.program_id})
    again = client.post(cancel, {"reason": "wrong color", "_program": room.world.program_id})

    assert [without_reason.status_code, done.status_code, again.status_code] == [200, 302, 200]
    assert "It was canceled before." in again.content.decode()
    assert (taken(room), room.balance(), stock(room)) == ([("MUG", 1, 40, "canceled")], (60, 10), 3)
    with scoped(room):
        assert Redemption.objects.get().cancel_reason == "wrong color"


def test_the_history_names_the_reward(room, client):
    user = agent_in(room, client)
    take(room, client)

    row = client.get(room.page).context["rows"][0]

    with scoped(room):
        code = Redemption.objects.get().code
    assert (row.kind, row.what, row.who) == ("redeem", f"Mug, {code}", user.name)
    assert [amount.units for amount in row.points] == [-40]


def test_who_may_not_redeem_takes_and_cancels_nothing(room, client):
    agent_in(room, client)
    take(room, client)
    with scoped(room):
        redemption = Redemption.objects.get()
    room.sign_in(client, "marketer")

    assert take(room, client, "other").status_code == 403
    assert client.post(f"/admin/redemptions/{redemption.public_id}/cancel/", {"reason": "x"}).status_code == 403
    assert taken(room) == [("MUG", 1, 40, "issued")]


def test_what_is_not_here_does_not_exist(room, client):
    other = open_room("FAR")
    room.sign_in(client, "agent")
    with scoped(other):
        reward = Reward.objects.get(code="MUG")

    answer = client.get(f"/admin/redemptions/members/{room.member.public_id}/rewards/{reward.public_id}/")

    assert answer.status_code == 404


def test_nothing_is_taken_for_a_caller_who_was_not_checked(room, client):
    room.sign_in(client, "agent")

    page, sent = client.get(address(room, "MUG")).content.decode(), take(room, client)

    assert "Check the caller first" in page
    assert "Take for 40 points" not in page
    assert "Check first that it is the member who is calling." in sent.content.decode()
    assert (taken(room), room.balance(), stock(room)) == ([], (60, 10), 3)


def test_a_check_by_a_colleague_is_none(room, client):
    colleague = room.sign_in(client, "supervisor")
    room.check_caller_of(colleague)
    room.sign_in(client, "agent")

    take(room, client)

    assert (taken(room), room.balance()) == ([], (60, 10))


def test_a_check_holds_for_a_quarter_of_an_hour(room, client):
    agent_in(room, client)

    with clock.fixed(clock.now() + timedelta(minutes=14)):
        take(room, client, "early")
    with clock.fixed(clock.now() + timedelta(minutes=16)):
        take(room, client, "late")

    assert taken(room) == [("MUG", 1, 40, "issued")]


def test_a_closed_member_leads_to_the_question_why(room, client):
    room.sign_in(client, "agent", opens=False)

    page, sent = client.get(address(room, "MUG")), take(room, client)

    assert page.status_code == sent.status_code == 302
    assert page.headers["Location"].startswith(f"/admin/callers/{room.member.public_id}/open/")
    assert (taken(room), room.balance()) == ([], (60, 10))


def test_nobody_takes_a_reward_for_themselves(room, client):
    user = agent_in(room, client)
    user.email = "Anna@example.com"
    user.save(update_fields=["email"])

    answer = take(room, client)

    assert "the e-mail by which you sign in" in answer.content.decode()
    assert (taken(room), stock(room), room.balance()) == ([], 3, (60, 10))
