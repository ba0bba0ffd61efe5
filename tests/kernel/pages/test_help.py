"""Every page of the staff site says what it is for: one without help fails here."""

import pytest

from loyalty.kernel.access.roles import ROLES
from tests.browser import people, routes
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])
# Under the heading, or in the bar of a page with a head of its own.
HELP = ('class="page-help"', "data-page-help")


@pytest.mark.parametrize("who", ["operator", *ROLES])
def test_every_page_of_a_role_has_help(who):
    program = people.make_program()
    user = people.make_operator() if who == "operator" else people.make_staff(program, who)
    with routes.in_program(program):
        addresses = routes.plain_pages() + routes.object_pages()
    client, seen, without = signed_in(user), 0, []

    for address in addresses:
        answer = client.get(address)
        if answer.status_code == 200 and b"<html" in answer.content:
            seen += 1
            if not any(mark in answer.content.decode() for mark in HELP):
                without.append(address)

    assert seen >= 5
    assert not without, "\n".join(without)
