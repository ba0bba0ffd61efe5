"""Reasons call things by their names: those of the catalog as they are, those by language as the reader speaks."""

from typing import Any

import pytest

from loyalty.kernel import clock
from members.profiles.models import MemberAttribute
from programs.catalog.models import Category
from programs.promotions import services as promotions
from programs.setup.models import PointType
from programs.tiers.models import Tier, TierScheme
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"
EARN = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "5"}}


def when_in(attribute: str, comparison: str, value: Any) -> dict[str, Any]:
    return {
        "schema": "promo/1",
        "when": {"op": "test", "attr": attribute, "cmp": comparison, "value": value},
        "then": [EARN],
    }


@pytest.fixture
def shop() -> Shop:
    shop = factories.make_program()
    factories.make_member(shop, card=CARD)
    factories.make_product(shop, "SOAP", category="household")
    factories.make_product(shop, "APPLE", category="produce")
    with factories.entered(shop):
        Category.objects.filter(code="produce").update(name="Fresh fruit")
        scheme = TierScheme.objects.create(code="STATUS", name={"en": "Status"}, point_type=PointType.objects.get())
        for rank, (code, polish) in enumerate((("SILVER", "Srebrny"), ("GOLD", "Złoty"))):
            Tier.objects.create(
                scheme=scheme, code=code, name={"en": code.title(), "pl": polish}, rank=rank, threshold=rank * 100
            )
        promotions.freeze_settings(now=clock.now())
    produce = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["produce"]}
    fruit = {"op": "lines", "where": produce, "measure": "units", "cmp": "gte", "value": 1}
    factories.publish(shop, "FRUIT", {"schema": "promo/1", "when": fruit, "then": [EARN]})
    factories.publish(shop, "GOLD", when_in("member.tier", "gte", "GOLD"))
    return shop


def buy(shop: Shop, number: str, language: str = "en") -> dict[str, str]:
    """By rule: why it was not applied."""
    purchase = {
        "external_id": number, "member": {"kind": "card", "value": CARD}, "at": NOON.isoformat(), "currency": "USD",
        "lines": [{"sku": "SOAP", "qty": "1", "amount": "4.00"}],
    }  # fmt: skip
    with clock.fixed(NOON):
        answer = factories.client(shop, "purchases.write").post(
            "/api/v1/transactions", purchase, headers={"Accept-Language": language}
        )
    return {one["rule"]: one["why"] for one in answer.json()["not_applied"]}


@pytest.mark.parametrize(
    ("language", "fruit", "gold"),
    [
        (
            "en",
            "Not applied: pieces in the basket (category: “Fresh fruit”): 0; needed: at least 1",
            "Not applied: tier: “Silver”; needed: at least “Gold”",
        ),
        (
            "pl",
            "Nie zastosowano: sztuk w koszyku (kategoria: „Fresh fruit”): 0; potrzeba: co najmniej 1",
            "Nie zastosowano: poziom: „Srebrny”; potrzeba: co najmniej „Złoty”",
        ),
    ],
)
def test_of_what_did_not_apply(shop, language, fruit, gold):
    assert buy(shop, "R-1", language) == {"FRUIT": fruit, "GOLD": gold}


def test_a_new_name_is_told_from_the_next_purchase_on(shop):
    before = buy(shop, "R-1")["FRUIT"]
    with factories.entered(shop):
        Category.objects.filter(code="produce").update(name="Berries")

    assert buy(shop, "R-2")["FRUIT"] == before.replace("Fresh fruit", "Berries") != before


def test_what_the_program_declares_is_called_by_its_name(shop):
    with factories.entered(shop):
        MemberAttribute.objects.create(code="shoe_size", name={"en": "Size of shoes"}, kind="number")
    for code, attribute in (("SHOES", "member.shoe_size"), ("SAVER", "member.balance.POINTS")):
        factories.publish(shop, code, when_in(attribute, "gte", "40"))

    told = buy(shop, "R-1")

    assert told["SHOES"] == "Not applied: not known: “Size of shoes”"
    assert told["SAVER"] == "Not applied: balance of “points”: not kept; needed: at least 40"
