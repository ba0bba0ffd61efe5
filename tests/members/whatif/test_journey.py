"""The marketer in a real browser: the draft on a member's purchase, why not, a change, and a basket of their own."""

import pytest
from playwright.sync_api import expect

from tests.members.desk.room import CARD
from tests.members.whatif.room import open_bench

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"]),
]


@pytest.mark.parametrize("width", [1180])
def test_the_marketer_tries_the_draft_on_a_member_and_on_a_basket(sign_in, axe, width):
    bench = open_bench()
    page = sign_in(bench.user("marketer").email, width=width)

    page.goto("/admin/promotions/DOUBLE/design/")
    panel = page.get_by_role("complementary", name="Try it")
    expect(panel.get_by_text("Applies: +60 points")).to_be_visible()

    panel.get_by_label("Member (or nobody)").press_sequentially(CARD)
    panel.get_by_role("button", name="M100").click()
    expect(panel.get_by_label("Their last purchases")).to_be_visible()
    expect(panel.get_by_text("Applies: +60 points")).to_be_visible()

    page.locator("[id='at-when/of/0/value']").fill("80")
    page.locator("[id='at-when/of/0/value']").press("Tab")
    expect(panel.get_by_text("Not applied: the basket is 60.00 USD")).to_be_visible()
    expect(panel.locator(".tree .fails").first).to_contain_text("all of these")

    panel.get_by_text("A sample basket").click()
    panel.get_by_label("Units of Rye bread").fill("2")
    panel.get_by_label("Units of Rye bread").press("Tab")
    expect(panel.get_by_text("Applies: +100 points")).to_be_visible()
    panel.get_by_role("button", name="Remove Honey cake").click()
    expect(panel.get_by_text("Not applied:")).to_be_visible()
    assert axe(page) == []
