"""Every page of the partners' portal x who asks: the matrix, and nothing for whoever has no partner."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from loyalty.kernel import clock
from loyalty.kernel.access import roles
from loyalty.kernel.models import User
from partners.registry.models import Agreement, Partner
from tests.browser import people, routes
from tests.kernel.doors import matrix
from tests.kernel.doors.asking import ask

pytestmark = pytest.mark.django_db
STATEMENT = {"year": 2026, "month": 1, "file_format": "pdf"}


@pytest.fixture
def partner() -> Partner:
    with routes.in_program(people.make_program()):
        found = Partner.objects.create(code="NORTH", name="North", kind="retailer")
        Agreement.objects.create(
            partner=found, starts_date=clock.now().date(), currency="EUR", issue_price=1000, redeem_price=800,
            commission=Decimal("1.50"), funds_base=True,
        )  # fmt: skip
        return found


def addresses() -> dict[str, str]:
    return {
        name: reverse(name, kwargs=STATEMENT if name == "portal-statement" else {}) for name in sorted(matrix.PORTAL)
    }


def enter(partner: Partner | None, permission: str = "", realm: str = "partner") -> Client:
    user = User.objects.create_user("somebody@example.com", people.PASSWORD, name="Somebody", realm=realm)
    if partner is not None:
        with routes.in_program(partner.program_id):
            roles.grant_portal(user, partner, permission)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.cookies["partner_session"] = client.cookies["sessionid"].value
    return client


@pytest.mark.parametrize("permission", sorted(roles.PARTNER_ROLES))
def test_who_holds_the_permission_reads_and_nobody_writes(partner, permission):
    client = enter(partner, permission)
    for name, address in addresses().items():
        may = matrix.PORTAL[name] in roles.PARTNER_ROLES[permission]
        # No month is closed yet: the statement is not found, and that is told only to whoever may have it.
        there = 404 if name == "portal-statement" else 200

        assert ask(client, "GET", address)[0] == (there if may else 403), name
        assert ask(client, "POST", address)[0] == 405, name


def test_a_partner_user_without_a_partner_opens_nothing(partner):
    client = enter(None)

    assert {ask(client, "GET", address)[0] for address in addresses().values()} == {403}


@pytest.mark.parametrize("client", [Client, lambda: enter(None, realm="staff")])
def test_strangers_and_staff_are_led_to_the_login(partner, client):
    asking = client()
    for address in addresses().values():
        status, _body, headers = ask(asking, "GET", address)
        assert (status, headers["Location"].split("?")[0]) == (302, "/portal/login/")
