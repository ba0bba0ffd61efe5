"""Files of purchases in the staff site."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from loyalty.kernel import clock, scope
from loyalty.kernel.access import roles
from loyalty.kernel.models import AuditRecord, Job, Proposal, User
from members.activity.models import Purchase
from members.files.models import PurchaseFile
from tests import factories
from tests.browser.people import make_operator, make_staff
from tests.factories import NOON, Shop
from tests.kernel.pages.staff import signed_in
from tests.members.files.writing import CARD, row, run_jobs, the_file, written

pytestmark = pytest.mark.django_db

CONTENT = written([row("R-1"), row("R-2", "5.00", member="1234567890")])
LIST = "/admin/files/"


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def upload(shop: Shop, client: Any, content: bytes = CONTENT, **fields: Any) -> Any:
    """Send a file, and have a second supervisor say yes to whatever waits then."""
    file = SimpleUploadedFile("night.csv", content)
    answer = client.post(LIST, {"_program": shop.program_id, "file": file, **fields}, follow=True)
    approve(shop)
    return answer


def approve(shop: Shop) -> None:
    with factories.entered(shop):
        waiting = list(Proposal.objects.filter(state="waiting"))
    for asked in waiting:
        signed_in(second(shop)).post(
            f"/admin/decisions/{asked.public_id}/", {"decision": "approve", "answer": "", "_program": shop.program_id}
        )


def second(shop: Shop) -> User:
    found = User.objects.filter(email="second@example.com").first()
    if found is None:
        found = User.objects.create_user("second@example.com", "a long enough password", name="Second")
        with factories.entered(shop):
            roles.grant_role(found, "supervisor", shop.program_id)
    return found


def test_sent_watched_and_read(shop):
    client = signed_in(make_staff(shop.program_id, "supervisor"))

    asked = upload(shop, client)
    file = the_file(shop)
    address = f"{LIST}{file.public_id}/"
    waiting = client.get(address)

    assert asked.redirect_chain == [(LIST, 302)]
    assert "Somebody else decides; nothing has been taken in yet." in asked.content.decode()
    assert f'data-refresh="{address}"' in waiting.content.decode()
    run_jobs(shop)
    part = client.get(address, headers={"X-Requested-With": "fetch"}).content.decode()
    assert "data-refresh" not in part
    assert "Nobody" in part or "R-2" in part
    assert "night.csv" in client.get(LIST).content.decode()
    rejects = b"".join(client.get(f"{address}rejects/").streaming_content).decode("utf-8-sig")
    assert rejects.splitlines()[1].startswith("3;R-2;member;members.unknown;")
    with factories.entered(shop):
        assert list(Purchase.objects.values_list("source", "external_id")) == [("api", "R-1")]
        assert {"purchase_file.received", "purchase_file.downloaded"} <= set(
            AuditRecord.objects.values_list("action", flat=True)
        )


def test_whoever_sent_it_does_not_decide_and_nothing_is_taken_in(shop):
    client = signed_in(make_staff(shop.program_id, "supervisor"))
    file = SimpleUploadedFile("night.csv", CONTENT)
    client.post(LIST, {"_program": shop.program_id, "file": file})
    with factories.entered(shop):
        asked = Proposal.objects.get()

    sent = {"decision": "approve", "answer": "", "_program": shop.program_id}
    answer = client.post(f"/admin/decisions/{asked.public_id}/", sent)

    assert "You asked for this yourself" in answer.content.decode()
    with factories.entered(shop):
        assert not PurchaseFile.objects.exists()
        assert not Job.objects.exists()


def test_for_a_partner_and_the_same_again(shop):
    partner = factories.make_partner(shop, "BAKERY")
    client = signed_in(make_staff(shop.program_id, "supervisor"))

    upload(shop, client, partner=partner)
    again = upload(shop, client, partner=partner)

    assert "This file came before." in again.content.decode()
    assert (the_file(shop).source, the_file(shop).partner_id) == ("BAKERY", partner)
    with factories.entered(shop):
        assert Job.objects.count() == 1


def test_an_empty_file_is_refused_at_its_field(shop):
    client = signed_in(make_staff(shop.program_id, "supervisor"))

    response = upload(shop, client, b"")

    assert response.status_code == 400
    assert "id_file_error" in response.content.decode()
    with factories.entered(shop):
        assert not PurchaseFile.objects.exists()


def test_a_refused_file_says_why_and_moves_nothing(shop):
    client = signed_in(make_staff(shop.program_id, "supervisor"))
    upload(shop, client, CONTENT.replace(b"15.00", b"16.00"))
    run_jobs(shop)

    text = client.get(f"{LIST}{the_file(shop).public_id}/").content.decode()

    assert "The last line says 16.00 for “amount”, the file holds 15.00. Nothing was taken in." in text
    with factories.entered(shop):
        assert not Purchase.objects.exists()


def test_stopped_and_gone_on_with(shop):
    client = signed_in(make_staff(shop.program_id, "supervisor"))
    upload(shop, client)
    address = f"{LIST}{the_file(shop).public_id}/"

    stopped = client.post(f"{address}stop/", {"_program": shop.program_id}, follow=True).content.decode()
    assert "Go on" in stopped
    run_jobs(shop)
    assert the_file(shop).standing == "stopped"

    client.post(f"{address}resume/", {"_program": shop.program_id})
    refused = client.post(f"{address}resume/", {"_program": shop.program_id}, follow=True).content.decode()
    assert "The file is being taken in, or it is finished already." in refused
    run_jobs(shop)
    assert (the_file(shop).standing, the_file(shop).recorded) == ("done", 1)


@pytest.mark.parametrize("role", ["agent", "analyst", "marketer"])
def test_other_roles_do_not_see_them(shop, role):
    client = signed_in(make_staff(shop.program_id, role))

    assert client.get(LIST).status_code == 403
    assert upload(shop, client).status_code == 403
    with factories.entered(shop):
        assert not PurchaseFile.objects.exists()


def test_the_operator_looks_and_sends_none(shop):
    with scope.enter([shop.program_id], scope.SYSTEM):
        client = signed_in(make_operator())
    client.post("/admin/program/", {"program": shop.program_id})

    page = client.get(LIST)

    assert page.status_code == 200
    assert 'type="file"' not in page.content.decode()
    assert upload(shop, client).status_code == 403
    with factories.entered(shop):
        assert not PurchaseFile.objects.exists()
