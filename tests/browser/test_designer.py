"""A marketer builds each example of the promotion language on the page; the draft means what the example means.

Where the page says a thing otherwise: the program's codes are in capitals (``CODES``), and a message goes the way of its
template, so that no channel is named. Nothing delivers push messages: the Premium offer is told in the member's own list.
The eighth example is a tier scheme: it is built on the page of tiers, the message to who rises in the designer. Tiers have
no other way up than their threshold: the “40 purchases” of the example are left out. The benefit that the scheme gives to
gold is built in the designer as well.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from loyalty.kernel import clock, scope
from members.consents.models import ConsentPurpose
from members.messaging.models import MessageTemplate
from members.segments import services as segments
from partners.registry.models import Partner
from programs.catalog.models import Category
from programs.promotions.models import PromotionVersion
from programs.setup.models import PointType
from programs.tiers.models import Tier, TierScheme
from rewards.vouchers.models import VoucherTemplate
from tests import factories
from tests.browser.designer import Designer
from tests.browser.meaning import meaning
from tests.browser.people import make_staff

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"]),
]
FILE = Path(__file__).parents[1] / "programs" / "rules" / "examples.json"
EXAMPLES = json.loads(FILE.read_text(encoding="utf-8"))
CODES = {
    "X": "CORNER", "we-miss-you": "WE-MISS-YOU", "premium-welcome": "PREMIUM-WELCOME", "premium": "PREMIUM",
    "coffee-progress": "COFFEE-PROGRESS", "member.consent.email": "member.consent.EMAIL", "beauty": "BEAUTY",
    "sport": "sport", "gold": "GOLD",
}  # fmt: skip


def example(code: str) -> dict[str, Any]:
    """One example without the channels of its messages."""
    found = next(one for one in EXAMPLES["promotions"] if one["id"] == code)
    for effect in found["then"]:
        effect.pop("channel", None)
    return dict(found)


class Shop:
    """A program with all that the examples name, and its marketer at the designer."""

    def __init__(self, sign_in: Callable[..., Page]) -> None:
        groups = {"BEAUTY": "best", "sport": "best"}
        self.program_id = factories.make_program(groups=groups).program_id
        with self.entered():
            _stock()
        self.designer = Designer(sign_in(make_staff(self.program_id, "marketer").email))

    def entered(self) -> Any:
        return scope.enter([self.program_id], scope.SYSTEM)

    def draft(self, code: str, clash: str = "") -> Any:
        """What the draft of a promotion means. It can be published, but for a clash that the page tells."""
        page = self.designer.page
        told = page.get_by_text(clash) if clash else page.get_by_role("link", name="Publish", exact=True)
        expect(told.first).to_be_visible()
        with self.entered():
            return meaning(PromotionVersion.objects.get(promotion__code=code).document)


def _stock() -> None:
    program_id = PointType.objects.get().program_id
    for code in ("coffee", "cosmetics", "perfume", "sport", "sport.equipment"):
        Category.objects.create(program_id=program_id, code=code, name=code.replace(".", " ").capitalize())
    Partner.objects.create(program_id=program_id, code="CORNER", name="Corner shop", kind="shop")
    purpose = ConsentPurpose.objects.create(code="EMAIL", name={"en": "News by e-mail"})
    for code in ("FREE-DELIVERY", "BACK150", "PREMIUM-OFFER"):
        VoucherTemplate.objects.create(code=code, name={"en": code.capitalize()}, kind="percent", value=1000)
    for code, channel in (("WE-MISS-YOU", "email"), ("PREMIUM-WELCOME", "in_app"), ("COFFEE-PROGRESS", "till")):
        MessageTemplate.objects.create(code=code, name={"en": code.capitalize()}, channel=channel, body={"en": "Hello"},
                                       subject={"en": "Hello"}, purpose=purpose)  # fmt: skip
    segments.create_segment(code="PREMIUM", name={"en": "Premium members"}, kind="static", now=clock.now())
    scheme = TierScheme.objects.create(code="STATUS", name={"en": "Status"}, point_type=PointType.objects.get())
    Tier.objects.create(scheme=scheme, code="GOLD", name={"en": "Gold"}, rank=1, threshold=3000)


@pytest.fixture
def shop(sign_in: Callable[..., Page]) -> Shop:
    return Shop(sign_in)


def expected(code: str) -> Any:
    return meaning(example(code), CODES)


def test_happy_hours_at_a_partner_who_pays_a_part(shop):
    page = shop.designer
    page.begin("Happy hours", "HAPPY-X", "Happy hours")
    page.part("When does it start").fill("From", "2026-12-01T00:00").fill("Until (not included)", "2027-03-01T00:00")
    basket = page.part("What must be in the basket").add("Basket").choose("property", "partner")
    basket.pick("value", "Corner shop")
    payers = page.part("Who pays").add("A partner").fill("pays", "60").add("The operator").fill("pays", "40", 1)
    payers.choose("who", "Corner shop")

    assert shop.draft("HAPPY-X") == expected("HAPPY-X")


def test_every_third_coffee_is_free(shop):
    page = shop.designer
    page.begin("Third coffee", "COFFEE-3")
    page.part("What must be in the basket").add("Products in the basket").pick("products", "Coffee")
    gives = page.part("What they get").add("Every so many pieces one free")
    gives.row("Only on these lines").pick("products", "Coffee")
    gives.add("Count on after earlier purchases")
    counted = gives.row("Counted on after these").choose("when", "since a day").fill("since", "2026-12-01")
    counted.control("products").wait_for()
    gives.add("Line on the receipt").fill("template (empty: the words written here)", "COFFEE-PROGRESS")
    page.part("With other promotions").choose("When goods come back", "count again without them")

    assert shop.draft("COFFEE-3") == expected("COFFEE-3")


def test_a_choice_made_while_another_is_saved_is_kept(shop):
    page = shop.designer
    page.begin("Both", "BOTH")
    gives = page.part("What they get").add("Fixed points")
    gives.control("usable").select_option(label="usable after days")
    gives.control("expiring").select_option(label="never expiring")

    sentence = page.page.locator(".promotion-sentence").first
    expect(sentence).to_contain_text("usable after 14 days, never expiring")
    earn = shop.draft("BOTH")["then"][0]
    assert (earn["activation"], earn["expiry"]) == ({"after_days": 14}, {"never": True})


def test_from_cosmetics_to_perfumes(shop):
    page = shop.designer
    page.begin("Perfumes", "CROSS-PERFUME", "From one to the other")
    page.part("For whom").pick("products", "Cosmetics")
    page.part("What must be in the basket").pick("products", "Perfume")
    page.part("What they get").pick("products", "Perfume")
    page.part("With other promotions").choose("Group in which one wins", "BEAUTY")

    assert shop.draft("CROSS-PERFUME") == expected("CROSS-PERFUME")


def test_an_offer_for_lovers_of_sport(shop):
    page = shop.designer
    page.begin("Sport", "SPORT-LOVERS")
    whom = page.part("For whom").add("What happened before")
    bought = whom.row("Before this the member has").choose("what", "bought so many times").fill("value", "3")
    bought.fill("how many", "180").choose("of", "category").pick("products", "Sport")
    share = whom.add("A share of what they buy").row("A share of what they buy").fill("share", "40")
    share.row("This").pick("products", "Sport")
    lines = (
        page.part("What must be in the basket").add("Products in the basket").choose("what is counted", "the amount")
    )
    lines.pick("products", "Sport equipment").fill("value", "10.00")
    gives = page.part("What they get").add("Points for the amount").fill("points", "2").fill("for every", "10.00")
    gives.row("Only on these lines").choose("of", "category").pick("products", "Sport equipment")
    gives.add("Voucher").choose("which", "Free-delivery").add("Only under a condition")
    gives.row("Only if").fill("value", "200.00")
    page.part("With other promotions").choose("Group in which one wins", "sport")

    assert shop.draft("SPORT-LOVERS") == expected("SPORT-LOVERS")


def test_a_coupon_for_who_did_not_come_for_a_month(shop):
    page = shop.designer
    page.begin("Come back", "BACK-30")
    page.part("When does it start").choose("It starts with", "the calendar")
    whom = page.part("For whom").add("What happened before")
    days = whom.row("Before this the member has").choose("what", "days since the last purchase")
    days.choose("comparison", "is exactly").fill("value", "30")
    whom.add("Consent").control("value").last.wait_for()
    gives = page.part("What they get").add("Voucher").choose("which", "Back150").choose("called", "Coupon")
    gives.fill("valid for days", "14").add("Message").row("Message").choose("which", "We-miss-you")
    limits = page.part("Limits and budget").add("A limit for each member").choose("counted in", "times")
    limits.choose("in", "a quarter").fill("At most", "1")
    others = page.part("With other promotions").fill("Campaign that it belongs to", "REACTIVATION")
    others.fill("Control group (percent of members)", "10")
    others.fill("Control group’s name (promotions of one name leave out the same members)", "BACK-2026")

    assert shop.draft("BACK-30") == expected("BACK-30")


def test_a_higher_rate_for_what_goes_beyond_an_amount_a_month(shop):
    page = shop.designer
    page.begin("Volume", "VOLUME-RUB", "The more, the more")
    page.part("When does it start").choose("Kind", "base points")
    gives = page.part("What they get")
    table = gives.row("The table").fill("points", "1").fill("points", "2", 1).fill("from", "5000.00", 1)
    table.control("for every", 1).wait_for()
    gives.choose("usable", "usable after days").choose("exactly", "at the start of that day")
    gives.choose("expiring", "expiring after months")
    gives.choose("exactly", "at the end of that month", 1)

    clash = "The base promotion “BASE” gives these points for every purchase already."
    assert shop.draft("VOLUME-RUB", clash) == expected("VOLUME-RUB")


def test_an_offer_for_who_spends_much_in_a_year(shop):
    page = shop.designer
    page.begin("Premium", "PREMIUM-OFFER")
    start = (
        page.part("When does it start").choose("It starts with", "reaching a threshold").fill("Threshold", "10000.00")
    )
    start.choose("when", "in the last months").choose("It counts when it", "is reached")
    gives = page.part("What they get").add("Place in a segment").row("Place in a segment").fill("for days", "365")
    gives = page.part("What they get").add("Voucher").choose("which", "Premium-offer", 1)
    gives.fill("valid for days", "30").add("Message").row("Message").choose("which", "Premium-welcome")
    limits = page.part("Limits and budget").add("A limit for each member").choose("counted in", "times")
    limits.choose("in", "a year").fill("At most", "1").add("A budget for everybody together")
    limits.choose("counted in", "times", 1).fill("At most", "2000", 1)
    limits.choose("when it does not suffice", "grant nothing", 1)
    page.part("With other promotions").choose("When goods come back", "count again without them")

    assert shop.draft("PREMIUM-OFFER") == expected("PREMIUM-OFFER")


def test_the_tier_scheme_with_its_benefit_and_the_message_of_who_rises(shop):
    page = shop.designer.page
    page.goto("/admin/programs_tiers/tierscheme/add/")
    for label, value in (("Code", "LEVELS"), ("English", "Levels"), ("Months of the window", "12")):
        page.get_by_label(label).first.fill(value)
    page.get_by_label("Points of type").select_option(label="points")
    page.get_by_role("tab", name="How long a tier is kept").click()
    page.get_by_label("Kept for months").fill("12")
    page.get_by_label("When it ends").select_option(label="One tier down")
    page.get_by_label("Warn before, days").fill("30")
    wanted = EXAMPLES["tier_program"]
    for rank, tier in enumerate(wanted["tiers"]):
        page.get_by_text("Add another Tier").click()
        row = page.get_by_role("row").nth(rank + 1)
        row.get_by_label("Rank").fill(str(rank))
        row.get_by_label("Code").fill(tier["code"].upper())
        row.get_by_label("English").first.fill(tier["code"].capitalize())
        row.get_by_label("Reached from").fill(tier["from"])
        row.get_by_label("Kept with").fill(wanted["retain"].get(tier["code"], ""))
        row.get_by_label("Points multiplier").fill("1.50" if tier["code"] == "gold" else "1.00")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    shop.designer.begin("Risen", "TIER-UP")
    shop.designer.part("When does it start").choose("It starts with", "another tier")
    shop.designer.part("What they get").add("Message").row("Message").choose("which", "Premium-welcome")

    with shop.entered():
        scheme = TierScheme.objects.get(code="LEVELS")
        tiers = list(scheme.tiers.values_list("code", "threshold", "retain", "multiplier"))
    assert (scheme.measure, scheme.window, scheme.window_months) == ("points", "rolling", 12)
    assert (scheme.valid_months, scheme.downgrade, scheme.warn_days) == (12, "one", 30)
    assert tiers == [("BASIC", 0, None, 1), ("SILVER", 1000, None, 1), ("GOLD", 3000, 3000, Decimal("1.50")),
                     ("PLATINUM", 8000, None, 1)]  # fmt: skip
    told = {
        "trigger": {"on": "tier_changed", "direction": "up"},
        "then": [{"effect": "message", "template": "PREMIUM-WELCOME"}],
    }
    assert shop.draft("TIER-UP") == meaning(told)


def test_the_benefit_of_a_tier(shop):
    page = shop.designer
    page.begin("Gold", "GOLD-BENEFIT", "Benefit of a tier")
    page.part("For whom").pick("value", "Gold")
    wanted: Mapping[str, Any] = {
        "audience": {"op": "test", "attr": "member.tier", "cmp": "in", "value": ["GOLD"]},
        "then": EXAMPLES["tier_program"]["benefits"]["gold"],
    }

    assert shop.draft("GOLD-BENEFIT") == meaning(wanted, CODES)
