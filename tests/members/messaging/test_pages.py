"""Message templates on the staff site, and messages in the member's history."""

import pytest

from members.messaging.models import Message, MessageTemplate
from tests.members.desk.room import NOW, Room, open_room

TEMPLATES = "/admin/members_messaging/messagetemplate/"


@pytest.fixture
def room(db) -> Room:
    return open_room()


def send(room: Room, client, **values):
    sent = {
        "_program": room.world.program_id,
        "code": "HELLO",
        "channel": "email",
        "category": "service",
        "purpose": "",
    }
    for name, text in (("name", "Hello"), ("subject", "Hello {first_name}"), ("body", "Your code: {voucher}")):
        sent |= {f"{name}_en": text, f"{name}_pl": "", f"{name}_ru": ""}
    return client.post(f"{TEMPLATES}add/", {**sent, **values})


def test_a_template_is_written_in_languages(room, client):
    room.sign_in(client, "marketer")

    answer = send(room, client, body_pl="Kod: {voucher}\nDo zobaczenia")

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    with room.world.entered():
        row = MessageTemplate.objects.get()
        assert row.body["pl"].splitlines() == ["Kod: {voucher}", "Do zobaczenia"]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"body_en": "Hello {nobody}"}, "body", "Nothing fills in"),
        ({"category": "marketing"}, "purpose", "needs the consent"),
        ({"subject_en": ""}, "subject", "needs a subject"),
        ({"channel": "till", "body_en": "Hi {first_name}"}, "body", "A receipt names nobody"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(room, client, values, field, words):
    room.sign_in(client, "marketer")

    answer = send(room, client, **values)

    assert words in str(answer.context["adminform"].form.errors[field])
    with room.world.entered():
        assert not MessageTemplate.objects.exists()


def test_the_members_history_shows_what_they_were_told_and_why_not(room, client):
    with room.world.entered():
        common = {"member": room.member, "channel": "email", "language": "en", "cause_kind": "purchase"}
        Message.objects.create(
            **common, subject="Thank you", body="Dear {first_name}", state="sent", request_key="a", made_at=NOW
        )
        Message.objects.create(
            **common, subject="News", body="Look", state="suppressed", reason="no_consent", request_key="b", made_at=NOW
        )
    room.sign_in(client, "agent")

    page = client.get(room.page).content.decode()

    assert "Dear Anna" in page
    assert "Not sent: no consent" in page
