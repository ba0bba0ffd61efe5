"""Numbers of payment cards in notes and reasons are refused; those of the program's own cards are not."""

import pytest

from loyalty.kernel.payment_cards import holds_payment_card
from members.ledger.models import Entry
from tests import factories
from tests.members.desk.room import open_room, scoped

CARD = "79927398713"
# Numbers that payment networks publish for tests.
VISA, MASTERCARD, MASTERCARD_2, AMEX, MAESTRO = (
    "4111111111111111", "5555555555554444", "2223003122003222", "378282246310005", "6759649826438453",
)  # fmt: skip


@pytest.mark.pure
@pytest.mark.parametrize("number", [VISA, MASTERCARD, MASTERCARD_2, AMEX, MAESTRO])
@pytest.mark.parametrize("shape", ["{}", "card {}, please", "no.{}!", "{}\n"])
def test_a_number_in_a_text_is_found(monkeypatch, number, shape):
    monkeypatch.setattr("loyalty.kernel.payment_cards._known", [])

    assert holds_payment_card(shape.format(number))


@pytest.mark.pure
@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005", "４１１１１１１１１１１１１１１１"]
)
def test_spaces_dashes_and_wide_digits_hide_nothing(monkeypatch, text):
    monkeypatch.setattr("loyalty.kernel.payment_cards._known", [])

    assert holds_payment_card(text)


@pytest.mark.pure
@pytest.mark.parametrize(
    "text",
    [
        "", "receipt 1234", "4111111111111112", "9111111111111111", "1111111111111117", "+48 600 100 200", "411111111111",
        "41111111111111111111111", "2026-11-22 12:40", "till1-0005",
    ],
)  # fmt: skip
def test_other_numbers_are_none(monkeypatch, text):
    monkeypatch.setattr("loyalty.kernel.payment_cards._known", [])

    assert not holds_payment_card(text)


@pytest.mark.django_db
def test_a_card_of_the_program_may_stand_in_a_note_and_another_may_not(client):
    room = open_room()
    with scoped(room):
        room.member.identifiers.create(kind="card", value=VISA)
    room.sign_in(client, "agent")

    refused = client.post(room.adjust, room.form(request_key="a", note=f"paid by {MASTERCARD}"))
    client.post(room.adjust, room.form(request_key="b", note=f"has the card {VISA}"))

    assert "the number of a payment card" in str(refused.context["form"].errors["note"])
    with scoped(room):
        assert list(Entry.objects.filter(kind="adjust").values_list("note", flat=True)) == [f"has the card {VISA}"]


@pytest.mark.django_db
def test_the_api_refuses_it_at_the_field():
    shop = factories.make_program()
    factories.make_member(shop, card=CARD)
    given = {
        "member": {"kind": "card", "value": CARD}, "type": "POINTS", "points": "5", "reason": "GOODWILL",
        "note": f"card {AMEX}",
    }  # fmt: skip

    answer = factories.client(shop, "adjustments.write").post("/api/v1/adjustments", given, HTTP_IDEMPOTENCY_KEY="k")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("note", "payment_card")]
    with factories.entered(shop):
        assert not Entry.objects.exists()
