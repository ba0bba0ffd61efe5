"""The menu says where one is: at one place, the innermost."""

import re

import pytest

from loyalty.kernel.access.roles import ROLES
from tests.browser import routes
from tests.browser.people import make_program, make_staff
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])

PRESENT = re.compile(r'<a href="([^"]+)" class="active" aria-current="page">')


@pytest.mark.parametrize(
    ("path", "present"),
    [
        ("/admin/", ["/admin/"]),
        ("/admin/members/", ["/admin/members/"]),
        ("/admin/members/requests/", ["/admin/members/requests/"]),
        ("/admin/members_activity/purchase/", ["/admin/members_activity/purchase/"]),
        ("/admin/preferences/", []),
    ],
)
def test_one_entry_is_present(path, present):
    client = signed_in(make_staff(make_program(), "supervisor"))

    page = client.get(path)

    assert page.status_code == 200
    assert PRESENT.findall(page.content.decode()) == present


# Reached from the head of each page and not from the menu.
_OWN = ("/admin/exports/", "/admin/preferences/", "/admin/security/")


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_in_the_menu(role, client):
    program = make_program()
    client.force_login(make_staff(program, role))
    client.cookies["staff_session"] = client.cookies["sessionid"].value
    with routes.in_program(program):
        addresses = [one for one in routes.plain_pages() + routes.object_pages() if not one.startswith(_OWN)]

    seen, lost = 0, []
    for address in addresses:
        answer = client.get(address)
        page = answer.content.decode() if answer.status_code == 200 else ""
        if "<html" in page:
            seen += 1
            lost += [address] if len(PRESENT.findall(page)) != 1 else []

    assert seen
    # The first page is the line of those who have figures to look at.
    assert lost == (["/admin/"] if role == "agent" else [])
