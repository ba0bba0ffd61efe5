"""Consents on the member's page: seen by the agent, recorded with the text before the eyes."""

import pytest

from loyalty.kernel.text import Texts
from members.consents import services
from members.consents.models import Consent, ConsentPurpose, ConsentText
from tests.members.desk.room import Room, make_user, open_room, scoped


@pytest.fixture
def room(db) -> Room:
    made = open_room()
    with scoped(made):
        purpose = ConsentPurpose.objects.create(
            program_id=made.world.program_id, code="NEWS", name={"en": "News by e-mail"}
        )
        services.publish_text(purpose_id=purpose.pk, text=Texts({"en": "We write to you monthly."}))
    return made


def address(room: Room, purpose: str = "NEWS") -> str:
    return f"/admin/consents/members/{room.member.public_id}/{purpose}/"


def send(room: Room, client, key: str = "k", **changes):
    sent = {
        "decision": "given", "version": 1, "method": "spoken", "language": "en", "request_key": key,
        "_program": room.world.program_id, **changes,
    }  # fmt: skip
    return client.post(address(room), sent)


def recorded(room: Room) -> list[tuple[str, str, str, str]]:
    with scoped(room):
        return list(Consent.objects.order_by("pk").values_list("decision", "method", "channel", "actor_label"))


def test_the_agent_reads_the_text_and_records_what_was_said(room, client):
    agent = room.sign_in(client, "agent")
    assert "not asked" in client.get(room.page).content.decode()
    page = client.get(address(room)).content.decode()
    assert "We write to you monthly." in page
    assert "gives the consent" in page

    answer = send(room, client)

    assert (answer.status_code, answer["Location"]) == (302, f"{room.page}#consents")
    assert recorded(room) == [("given", "spoken", "desk", str(agent))]
    assert "withdraws the consent" in client.get(address(room)).content.decode()
    send(room, client, key="k2", decision="withdrawn", method="paper")
    assert recorded(room)[1:] == [("withdrawn", "paper", "desk", str(agent))]


def test_the_same_form_twice_counts_once(room, client):
    room.sign_in(client, "agent")

    send(room, client)
    send(room, client)

    assert len(recorded(room)) == 1


def test_a_text_that_changed_meanwhile_is_shown_again(room, client):
    room.sign_in(client, "agent")
    with scoped(room):
        services.publish_text(purpose_id=ConsentPurpose.objects.get().pk, text=Texts({"en": "Daily."}))

    answer = send(room, client, version=1)

    assert answer.status_code == 200
    assert "version 2 holds now" in answer.content.decode()
    assert recorded(room) == []


def test_what_is_not_asked_for_is_not_found(room, client):
    room.sign_in(client, "agent")

    assert client.get(address(room, "PHONE")).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("supervisor", 200), ("marketer", 403), ("analyst", 403)])
def test_who_may(room, client, role, status):
    room.sign_in(client, role)

    assert client.get(address(room)).status_code == status


def test_the_operator_adds_texts_and_changes_none(room, client):
    operator = make_user(room.world, "marketer")
    operator.is_operator = True
    operator.save(update_fields=["is_operator"])
    client.force_login(operator)
    client.cookies["staff_session"] = client.cookies["sessionid"].value
    with scoped(room):
        purpose = ConsentPurpose.objects.get()
        first = ConsentText.objects.get()
    sent = {"purpose": purpose.pk, "text_en": "Weekly.", "_program": room.world.program_id}

    added = client.post("/admin/members_consents/consenttext/add/", sent)
    changed = client.post(f"/admin/members_consents/consenttext/{first.pk}/change/", {**sent, "text_en": "Never."})

    assert (added.status_code, changed.status_code) == (302, 403)
    with scoped(room):
        texts = ConsentText.objects.order_by("version").values_list("version", "text__en")
        assert list(texts) == [(1, "We write to you monthly."), (2, "Weekly.")]
