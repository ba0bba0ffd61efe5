"""``/members/{identity}/tiers``: where a member stands, and a tier given by a system."""

import pytest

from loyalty.kernel import clock
from programs.promotions import services as promotions
from programs.tiers.models import Tier, TierScheme
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db

CARD = "79927398713"
ADDRESS = f"/api/v1/members/card:{CARD}/tiers"


@pytest.fixture
def api():
    with clock.fixed(NOON):
        shop = factories.make_program(rules={})
        factories.make_member(shop, card=CARD)
        with factories.entered(shop):
            scheme = TierScheme.objects.create(
                code="SPENDING", name={"en": "Spending"}, measure="amount", window="calendar"
            )
            for rank, (code, threshold) in enumerate((("BASIC", 0), ("SILVER", 5000), ("GOLD", 20000))):
                Tier.objects.create(scheme=scheme, code=code, name={"en": code.title()}, rank=rank, threshold=threshold)
            promotions.freeze_settings(now=NOON)
        yield factories.client(shop, "members.read", "tiers.write", "purchases.write")


def buy(api, amount: str) -> None:
    api.post(
        "/api/v1/transactions",
        {
            "external_id": f"R-{amount}", "member": {"kind": "card", "value": CARD}, "currency": "USD",
            "at": NOON.isoformat(), "lines": [{"sku": "A", "amount": amount}],
        },
    )  # fmt: skip


def test_the_way_to_the_next_tier_is_told_in_money(api):
    buy(api, "60.50")

    assert api.get(ADDRESS).json() == {
        "tiers": [
            {
                "scheme": "SPENDING", "tier": "SILVER", "since": "2026-10-20T12:00:00Z", "last_day": "2027-12-31",
                "is_given": False, "measure": "amount", "value": "60.50", "missing_to_keep": "50.00",
                "next": {"tier": "GOLD", "threshold": "200.00", "missing": "139.50"},
            }
        ]
    }  # fmt: skip


def test_a_tier_is_given_once_whatever_the_repeats(api):
    given = {"scheme": "SPENDING", "tier": "GOLD", "last_day": "2026-11-30", "note": "moved from another program"}
    first = api.post(ADDRESS, given, headers={"Idempotency-Key": "G-1"})
    again = api.post(ADDRESS, given, headers={"Idempotency-Key": "G-1"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    (standing,) = first.json()["tiers"]
    assert (standing["tier"], standing["is_given"], standing["last_day"], standing["next"]) == (
        "GOLD", True, "2026-11-30", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"tier": "BASIC"}, 409, "tiers.not_higher"),
        ({"tier": "PLATINUM"}, 422, "tiers.unknown"),
        ({"last_day": "2026-10-19"}, 422, "tiers.ends_in_the_past"),
    ],
)
def test_what_makes_no_sense_is_refused_and_gives_nothing(api, values, status, code):
    sent = {"scheme": "SPENDING", "tier": "GOLD", **values}
    answer = api.post(ADDRESS, sent, headers={"Idempotency-Key": "G-2"})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert api.get(ADDRESS).json()["tiers"][0]["tier"] == "BASIC"
