"""Every page of the partner portal in light and dark, wide and on a phone: no violation of WCAG 2.1 AA."""

import pytest
from django.urls import get_resolver, reverse

from loyalty.kernel.access import roles
from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm
from partners.registry.models import Partner
from tests.browser.fixtures import axe, browser, sign_in
from tests.browser.people import PASSWORD
from tests.reports.coalition import Coalition, make_coalition

__all__ = ["axe", "browser", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.axe, pytest.mark.django_db(transaction=True)]
DOOR = "/portal/login/"
# Not pages: what a form sends to.
TARGETS = {
    "portal-login", "portal-logout", "portal-language", "portal-second-step", "portal-recovery-codes",
    "portal-sign-out-elsewhere", "portal-people-change",
}  # fmt: skip


def pages() -> list[str]:
    """Addresses of the portal's pages, read from the URLconf."""
    names = {
        pattern.name
        for resolver in get_resolver().url_patterns
        if str(resolver.pattern) == "portal/"
        for pattern in resolver.url_patterns
        if "<" not in str(pattern.pattern)
    }
    return sorted(reverse(name) for name in names - TARGETS)


@pytest.fixture
def spring() -> Coalition:
    return make_coalition()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("partner", ["NORTH", "SOUTH"])
def test_pages_of_the_portal_have_no_violations(partner, theme, width, spring, sign_in, axe):
    user = User.objects.create_user(f"{partner.lower()}@example.com", PASSWORD, name=partner, realm=Realm.PARTNER)
    with spring.world.entered():
        roles.grant_portal(user, Partner.objects.get(code=partner), "administer_portal")
    addresses = pages()
    assert addresses == [
        "/portal/", "/portal/people/", "/portal/purchases/",
        "/portal/security/", "/portal/security/password/", "/portal/security/prove/",
        "/portal/security/second-factor/", "/portal/security/second-factor/off/", "/portal/statements/",
    ]  # fmt: skip

    page = sign_in(user.email, theme=theme, width=width, door=DOOR)
    page.wait_for_url("**/portal/")
    violations = []
    for address in addresses:
        page.goto(address)
        violations += axe(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} scrolls sideways by {wider} px"

    assert not violations, "\n".join(violations)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_door_of_the_portal_has_no_violations(theme, browser, live_server, axe):
    page = browser.new_context(base_url=live_server.url, color_scheme=theme).new_page()
    page.goto(DOOR)
    violations = axe(page)
    # The same page after a refusal, with its message.
    page.fill("input[name=username]", "nobody@example.com")
    page.fill("input[name=password]", "wrong")
    page.click("button.primary[type=submit]")
    page.wait_for_selector("[role=alert]")
    violations += axe(page)

    assert not violations, "\n".join(violations)
