"""Roles that are no staff: the cashier behind a till's key, the member, and who at a partner only reads."""

import pytest
from django.test import Client
from django.urls import reverse

from loyalty.kernel.access import roles
from loyalty.kernel.models import ApiKey, User
from loyalty.kernel.models.users import Realm
from tests.browser import people, routes
from tests.kernel.doors import matrix
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> int:
    return people.make_program()


def test_a_cashiers_key_is_made_by_the_role_alone(program):
    client = signed_in(people.make_operator())
    client.post("/admin/program/", {"program": program})
    form = {"name": "Till 4", "role": "cashier", "scopes": ["exports.read"], "_program": program}

    client.post(reverse("admin:loyalty_kernel_apikey_add"), form)

    with routes.in_program(program):
        key = ApiKey.objects.get(name="Till 4")
    assert key.scopes == ["till.use"]
    assert "Cashier: a till or tablet" in client.get(reverse("admin:loyalty_kernel_apikey_changelist")).content.decode()


def test_a_key_without_role_and_scopes_is_not_made(program):
    client = signed_in(people.make_operator())
    client.post("/admin/program/", {"program": program})

    answer = client.post(reverse("admin:loyalty_kernel_apikey_add"), {"name": "None", "role": "", "_program": program})

    assert "Choose a role, or tick what the key opens." in answer.content.decode()
    with routes.in_program(program):
        assert not ApiKey.objects.filter(name="None").exists()


def test_a_cashier_opens_the_calls_of_the_till_and_no_other(program):
    calls = {(name, method) for name, methods in matrix.CALLS.items() for method, wanted in methods.items() if wanted in
             roles.KEY_ROLES["cashier"]}  # fmt: skip

    assert {name for name, _method in calls} == {
        "api-quotes", "api-reservations", "api-reservation-capture", "api-reservation-cancel",
        *(name for name in matrix.CALLS if name.startswith("api-till-")),
    }  # fmt: skip


def test_a_member_opens_no_page_of_staff_and_partners(program):
    user = User.objects.create_user("member@example.com", people.PASSWORD, name="Member", realm=Realm.MEMBER)
    client = Client()
    client.force_login(user)
    for cookie in ("staff_session", "partner_session", "member_session"):
        client.cookies[cookie] = client.cookies["sessionid"].value

    assert frozenset() == roles.MEMBER == roles.permissions_of(user, program)
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert client.get("/portal/").headers["Location"].startswith("/portal/login/")
    assert client.get("/my/").status_code == 404
