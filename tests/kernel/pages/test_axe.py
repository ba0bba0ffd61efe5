"""Every page of the staff site, for every role, in light and dark: no violation of WCAG 2.1 AA."""

import pytest

from loyalty.kernel.access.roles import ROLES
from tests.browser import people, routes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.axe,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"]),
]
DOORS = ["/admin/login/", "/nothing/here/"]


@pytest.fixture
def program() -> int:
    return people.make_program()


def open_pages(client, addresses):
    """The addresses that answer with a whole page; 403 and 405 are answers, a fault is not."""
    found = []
    for address in addresses:
        response = client.get(address)
        assert response.status_code in {200, 301, 302, 403, 404, 405}, f"{address}: {response.status_code}"
        is_page = response.status_code == 200 and b"<html" in response.content
        if is_page:
            found.append(address)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("who", ["operator", *ROLES])
def test_pages_of_a_role_have_no_violations(who, theme, program, client, sign_in, axe):
    user = people.make_operator() if who == "operator" else people.make_staff(program, who)
    with routes.in_program(program):
        addresses = routes.plain_pages() + routes.object_pages()
    client.force_login(user)
    client.cookies["staff_session"] = client.cookies["sessionid"].value
    pages = open_pages(client, addresses)
    assert "/admin/" in pages

    page = sign_in(user.email, theme=theme)
    violations = []
    for address in pages:
        page.goto(address)
        page.wait_for_selector("html:not([x-cloak])")
        violations += axe(page)

    assert not violations, "\n".join(violations)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_before_the_door_have_no_violations(theme, browser, live_server, axe):
    page = browser.new_context(base_url=live_server.url, color_scheme=theme).new_page()
    violations = []
    for address in DOORS:
        page.goto(address)
        violations += axe(page)

    assert not violations, "\n".join(violations)


def test_every_page_of_an_object_has_a_sample():
    assert routes.without_sample() == []
