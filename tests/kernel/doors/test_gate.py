"""No page about one person is without its gate: every address that names a member asks why first."""

import pytest
from django.test import Client

from tests.browser import people
from tests.kernel.doors import matrix, places, walk
from tests.kernel.doors.asking import address_of, ask
from tests.kernel.pages.staff import signed_in

# The gate itself; taking a member out of a segment shows a number and nothing else.
WITHOUT = {"member-open", "segment-remove"}


def about_members() -> list[str]:
    return sorted(name for name, route in walk.names().items() if "member_id>" in route and name in matrix.PAGES)


def client_of(program: int) -> Client:
    return signed_in(people.make_staff(program, "supervisor"))


def test_there_are_such_pages():
    assert len(about_members()) >= 15


@pytest.mark.parametrize("name", [name for name in about_members() if name not in WITHOUT])
def test_a_closed_member_is_asked_about_first(name, place):
    client = client_of(place.program)
    address = address_of(name, places.thing_of(place, name))
    page = matrix.PAGES[name]

    for method, who in (("GET", page.read), ("POST", page.write)):
        if "S" in who:
            status, _body, headers = ask(client, method, address)
            assert (status, headers["Location"].split("?")[0][-6:]) == (302, "/open/"), (name, method)
