"""The designer with one of everything on it: readable by everybody, in light and dark, and no wider than its window."""

from typing import Any

import pytest

from loyalty.kernel import scope
from programs.promotions import services
from tests import factories
from tests.browser.people import make_staff
from tests.programs.promotions.test_design_kept import CONDITIONS, EARN, EFFECTS, EXAMPLES

pytestmark = [pytest.mark.axe, pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])]
SIZES = [(1440, "light"), (1440, "dark"), (768, "light"), (768, "dark"), (390, "light"), (390, "dark")]


def everything() -> dict[str, Any]:
    """A draft, unfinished in places, with all that the page has fields for and much that it has none for."""
    found: dict[str, Any] = {"schedule": {"weekdays": [5], "times": [["16:00", "18:00"]], "month_days": [1]}}
    for one in EXAMPLES:
        found |= {
            key: value for key, value in one.items() if key in ("funding", "holdout", "limits", "group", "campaign")
        }
    found["then"] = [effect for one in EXAMPLES for effect in one["then"]] + EFFECTS
    audience = [one["audience"] for one in EXAMPLES if "audience" in one]
    return found | {
        "audience": {"op": "all", "of": audience}, "when": {"op": "any", "of": CONDITIONS},
        "else": [{"effect": "message", "text": {"en": "Add 12.00"}}], "then": [*found["then"], EARN],
    }  # fmt: skip


def test_the_designer_and_the_gallery_are_readable_at_every_size(sign_in, axe):
    shop = factories.make_program(groups={"sport": "best"})
    with scope.enter([shop.program_id], scope.SYSTEM):
        services.begin_promotion(code="ALL", name={"en": "All"}, document=everything())
    email = make_staff(shop.program_id, "marketer").email
    found: list[str] = []
    for width, theme in SIZES:
        page = sign_in(email, width=width, theme=theme)
        for address in ("/admin/promotions/ALL/design/", "/admin/promotions/new/"):
            page.goto(address)
            page.wait_for_load_state("load")
            found += axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        page.context.close()

    assert found == []
