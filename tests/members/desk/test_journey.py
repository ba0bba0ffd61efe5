"""The agent on the phone, in a real browser: who is calling, why these points, fifty as goodwill."""

import pytest
from playwright.sync_api import expect

from tests.members.desk.room import PHONE, make_user, open_room

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"]),
]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_agent_finds_the_caller_says_why_and_gives_fifty_points(sign_in, width):
    room = open_room()
    agent, supervisor = make_user(room.world, "agent"), make_user(room.world, "supervisor")
    page = sign_in(agent.email, width=width)

    page.goto("/admin/members/")
    page.keyboard.type(PHONE)
    expect(page.locator(".found li")).to_have_count(1)
    expect(page.locator(".found")).to_contain_text("A••• Ł•••")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Why do you open M100?")).to_be_visible()
    page.get_by_role("button", name="The member is on the phone").click()
    expect(page.get_by_role("heading", name="Anna Łąkowa", level=1).last).to_be_visible()

    page.get_by_text("Purchase 60.00").click()
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("R-1001")
    expect(receipt.locator(".why")).to_contain_text("Bonus")

    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-contact]")).to_contain_text(PHONE)

    page.get_by_label("Amount").fill("500")
    page.get_by_label("Reason").select_option("Goodwill, up to 100")
    page.get_by_role("button", name="See what it will do").click()
    expect(page.get_by_role("alert")).to_contain_text(f"Ask: {supervisor.name}")

    page.get_by_label("Amount").fill("50")
    page.get_by_role("button", name="See what it will do").click()
    expect(page.locator(".preview")).to_contain_text("110 points")
    page.get_by_role("button", name="Give 50 points").click()

    expect(page.get_by_text("The balance is 110.")).to_be_visible()
    expect(page.locator(".timeline li").first).to_contain_text("Goodwill")
    assert room.balance() == (110, 10)


def test_the_slash_leads_to_the_search(sign_in):
    room = open_room()
    agent = make_user(room.world, "agent")
    room.open_to(agent)
    page = sign_in(agent.email)

    page.goto(room.page)
    page.keyboard.press("/")
    page.keyboard.type("Piotr")
    page.keyboard.press("Enter")

    expect(page.locator(".found li")).to_contain_text(["Piotr Zieliński"])
    assert page.locator(".found li").count() == 1
