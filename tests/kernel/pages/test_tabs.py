"""Forms in tabs: moved through by keyboard, and a mistake on a sheet that is not open is seen on its tab."""

import pytest
from playwright.sync_api import expect

from loyalty.kernel import scope
from programs.tiers.models import TierScheme
from tests.browser import people

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"]),
]


def test_a_mistake_on_a_hidden_sheet_is_counted_on_its_tab_and_opened(sign_in):
    program = people.make_program()
    page = sign_in(people.make_staff(program, "marketer").email)
    with scope.enter([program], scope.SYSTEM):
        scheme = TierScheme.objects.get()
    page.goto(f"/admin/programs_tiers/tierscheme/{scheme.pk}/change/")
    counts = page.get_by_role("tab", name="What counts")
    expect(counts).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Days of grace")).to_be_hidden()

    counts.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Days of grace").fill("")
    page.keyboard.press("Shift+Tab")
    page.get_by_role("tab", name="How long a tier is kept").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Days of grace")).to_be_hidden()
    page.get_by_role("button", name="Save").first.click()

    tab = page.get_by_role("tab", name="How long a tier is kept")
    expect(tab).to_contain_text("1")
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Days of grace")).to_be_visible()
    with scope.enter([program], scope.SYSTEM):
        assert TierScheme.objects.get().grace_days == 0
