"""Reasons call things by their names: those of the catalog as they are, those by language as the reader speaks."""

from typing import Any

import pytest

from loyalty.kernel import clock
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
    purchase = {
        "external_id": "R-1", "member": {"kind": "card", "value": CARD}, "at": NOON.isoformat(), "currency": "USD",
        "lines": [{"sku": "SOAP", "qty": "1", "amount": "4.00"}],
    }  # fmt: skip

    with clock.fixed(NOON):
        answer = factories.client(shop, "purchases.write").post(
            "/api/v1/transactions", purchase, headers={"Accept-Language": language}
        )

    assert {one["rule"]: one["why"] for one in answer.json()["not_applied"]} == {"FRUIT": fruit, "GOLD": gold}
