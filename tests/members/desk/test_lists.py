"""The lists behind the desk: for whoever keeps the books, changed by nobody."""

import pytest

from members.ledger.models import Entry, Lot
from tests.members.desk.room import RECEIPT, give_back, scoped

LISTS = (
    "members_profiles/member", "members_ledger/entry", "members_ledger/posting", "members_ledger/lot",
    "members_ledger/breach", "members_activity/purchase", "members_activity/return", "members_activity/evaluation",
    "rewards_redemption/redemption",
)  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_the_supervisor_reads_and_cannot_add(room, client, name):
    give_back(room)
    room.sign_in(client, "supervisor")

    assert client.get(f"/admin/{name}/").status_code == 200
    assert client.get(f"/admin/{name}/add/").status_code == 403


@pytest.mark.parametrize("name", LISTS[:-1])
def test_the_marketer_does_not_read(room, client, name):
    room.sign_in(client, "marketer")

    assert client.get(f"/admin/{name}/").status_code == 403


def test_members_are_found_by_number_and_lead_to_the_desk(room, client):
    room.sign_in(client, "supervisor")

    text = client.get("/admin/members_profiles/member/", {"q": "m1"}).content.decode()

    assert "M100" in text
    assert "M200" not in text
    assert room.page in text
    assert "Łąkowa" not in text


def test_a_purchase_is_found_by_its_receipt(room, client):
    room.sign_in(client, "supervisor")

    assert "60.00" in client.get("/admin/members_activity/purchase/", {"q": RECEIPT}).content.decode()


def test_an_entry_shows_its_legs_and_a_lot_its_rest(room, client):
    room.sign_in(client, "supervisor")
    with scoped(room):
        entry, lot = Entry.objects.get(), Lot.objects.order_by("amount").first()

    legs = client.get(f"/admin/members_ledger/entry/{entry.pk}/change/").content.decode()
    rest = client.get(f"/admin/members_ledger/lot/{lot.pk}/change/").content.decode()

    assert "−70 points" in legs or ("−60 points" in legs and "−10 points" in legs)
    assert "Not usable yet" in rest
