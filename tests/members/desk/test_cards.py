"""A lost card is blocked, another is issued; the balance stays."""

from members.profiles.models import Identifier
from tests.members.desk.room import CARD, scoped

NEW_CARD = "4111111111111111"


def cards(room) -> list[tuple[str, str]]:
    with scoped(room):
        return list(Identifier.objects.filter(member=room.member).order_by("pk").values_list("value", "state"))


def key_of_card(room) -> int:
    with scoped(room):
        return int(Identifier.objects.get(value=CARD).pk)


def test_a_lost_card_is_blocked_and_another_issued(room, client):
    room.sign_in(client, "agent")

    client.post(f"{room.page}cards/{key_of_card(room)}/block/", {"_program": room.world.program_id})
    client.post(f"{room.page}cards/", {"number": "4111 1111 1111 1111", "_program": room.world.program_id})

    assert cards(room) == [(CARD, "blocked"), (NEW_CARD, "active")]
    assert room.balance() == (60, 10)
    assert client.get("/admin/members/", {"q": NEW_CARD}).context["rows"][0].member == room.member


def test_without_a_number_a_virtual_card_is_issued(room, client):
    room.sign_in(client, "agent")

    client.post(f"{room.page}cards/", {"number": "", "_program": room.world.program_id})

    with scoped(room):
        card = Identifier.objects.get(member=room.member, kind="virtual_card")
    assert (card.state, card.value.isdigit()) == ("active", True)


def test_a_mistyped_number_is_refused_in_words(room, client):
    room.sign_in(client, "agent")

    answer = client.post(f"{room.page}cards/", {"number": "4111111111111112"}, follow=True)

    assert "The card number 4111111111111112 is mistyped" in answer.content.decode()
    assert cards(room) == [(CARD, "active")]


def test_who_may_not_care_for_members_changes_no_card(room, client):
    room.sign_in(client, "marketer")

    assert client.post(f"{room.page}cards/{key_of_card(room)}/block/").status_code == 403
    assert client.post(f"{room.page}cards/", {"number": NEW_CARD}).status_code == 403
    assert cards(room) == [(CARD, "active")]
