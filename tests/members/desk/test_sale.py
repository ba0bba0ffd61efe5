"""Selling for points at the desk: the price first, then the deed; payments and refunds."""

import pytest

from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger.models import LotEnd, PointSale, PriceList, PriceStep
from tests.members.desk.room import Room, scoped

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])


def price_list(room: Room, kind: str, **terms):
    with scoped(room), unit_of_work():
        made = PriceList.objects.create(kind=kind, point_type_id=room.world.points_id, **terms)
        PriceStep.objects.create(price_list=made, fixed=150, each=0)


def send(room: Room, client, kind: str, **values):
    sent = {"offer": f"{room.world.points_id}-", "_program": room.world.program_id, **values}
    return client.post(f"{room.page}points/{kind}/", sent, follow=True)


def only(room: Room) -> PointSale:
    with scoped(room):
        return PointSale.objects.get()


def count(room: Room) -> int:
    with scoped(room):
        return PointSale.objects.count()


def test_an_agent_sells_a_later_end_at_the_price_that_was_shown(room, client):
    price_list(room, "extend", days=30)
    room.sign_in(client, "agent")
    assert f"{room.page}points/extend/" in client.get(room.page).content.decode()

    shown = send(room, client, "extend", until="2099-12-31").content.decode()
    assert "1.50" in shown
    assert 'name="request_key"' not in shown, "no money has come"
    assert count(room) == 0
    shown = send(room, client, "extend", until="2099-12-31", payment="PAY-1").content.decode()
    assert 'name="price" value="150"' in shown
    page = send(
        room, client, "extend", until="2099-12-31", payment="PAY-1", request_key="abc", price="150"
    ).content.decode()

    assert "Later end: 60 points for 1.50" in page
    assert "End moved to later" in page
    with scoped(room):
        assert LotEnd.objects.count() == 1
    assert (only(room).state, only(room).request_key) == ("paid", "desk:abc")


def test_a_price_that_changed_sells_nothing(room, client):
    price_list(room, "extend", days=30)
    room.sign_in(client, "agent")

    page = send(
        room, client, "extend", until="2099-12-31", payment="PAY-1", request_key="abc", price="149"
    ).content.decode()

    assert "The price is 1.50 now. Look at it again." in page
    assert count(room) == 0


def test_a_supervisor_notes_the_payment_and_its_refund(room, client):
    price_list(room, "buy")
    room.sign_in(client, "supervisor")
    send(room, client, "buy", points="500", request_key="abc", price="150")
    address = f"{room.page}sales/{only(room).public_id}/"
    assert room.balance() == (60, 10)

    client.post(address, {"deed": "pay", "note": "PAY-1", "_program": room.world.program_id})
    assert (only(room).state, room.balance()) == ("paid", (560, 10))
    client.post(address, {"deed": "refund", "note": "withdrawn", "_program": room.world.program_id})

    assert (only(room).state, only(room).end_reason, room.balance()) == ("refunded", "withdrawn", (60, 10))
    assert "Nothing more can be done with it." in client.get(address).content.decode()


@pytest.mark.parametrize("points", ["", "0", "-5", "1.5", "much"])
def test_what_is_no_amount_is_refused_at_the_field(room, client, points):
    price_list(room, "buy")
    room.sign_in(client, "agent")

    assert 'class="error"' in send(room, client, "buy", points=points).content.decode()
    assert count(room) == 0


def test_an_agent_notes_no_payment_and_another_members_sale_is_not_there(room, client):
    price_list(room, "buy")
    room.sign_in(client, "agent")
    send(room, client, "buy", points="500", request_key="abc", price="150")

    answer = client.post(
        f"{room.page}sales/{only(room).public_id}/", {"deed": "pay", "note": "P", "_program": room.world.program_id}
    )

    assert (answer.status_code, only(room).state) == (403, "pending")


def test_what_nobody_sells_is_said(room, client):
    room.sign_in(client, "agent")

    assert "There is no price or rate for that." in client.get(f"{room.page}points/buy/").content.decode()
    assert client.get(f"{room.page}points/rent/").status_code == 404
