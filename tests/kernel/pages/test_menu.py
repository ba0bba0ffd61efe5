"""The menu says where one is: at one place, the innermost."""

import re

import pytest

from tests.browser.people import make_program, make_staff
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db

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
