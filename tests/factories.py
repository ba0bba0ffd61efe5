"""A small program to test against, and what tests need of it: a member with a card, a store, a key of the API.

Everything is made through the product's own services, as role ``app``, inside a scope that each function enters itself.

    shop = make_program()                       # code, currency, zone and rules can be given
    anna = make_member(shop, card="79927398713")
    make_location(shop, "store-1")
    api = client(shop, "purchases.write")       # a DRF client with a fresh key of these scopes
    with entered(shop): ...                     # for looking at rows
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rest_framework.test import APIClient

from loyalty.kernel import clock, ids, scope
from loyalty.kernel.models import ApiKey
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations as ledger
from members.profiles import operations as profiles
from members.profiles.operations import Enrolled, NewMember
from partners.registry.models import Partner
from programs.catalog.models import Category, Location, Product
from programs.promotions import services as promotions
from programs.setup.models import PointType, Program, ReasonCode

# A Tuesday, noon in UTC.
NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

BASE: Mapping[str, Any] = {
    "schema": "promo/1",
    "phase": "base",
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "rate", "points": "1", "per": "1.00"}}],
}


@dataclass(frozen=True)
class Shop:
    """A program with its base rule in force since ever. Point types by code."""

    program_id: int
    point_types: Mapping[str, int]


@contextmanager
def entered(shop: Shop) -> Iterator[None]:
    """The scope of the program, as the system itself."""
    with scope.enter([shop.program_id], scope.SYSTEM):
        yield


def make_program(
    code: str = "SHOP",
    *,
    currency: str = "USD",
    timezone: str = "UTC",
    point_types: Sequence[tuple[str, int]] = (("POINTS", 0),),
    rules: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> Shop:
    """A program with point types (code, decimals; the first is spendable) and rules (code to document) in force.

    ``rules`` are added to the base rule of one point for every full unit of money.
    """
    program_id = ids.take(1)[0]
    with scope.enter([program_id], scope.SYSTEM), unit_of_work():
        Program.objects.create(
            id=program_id, code=code, name={"en": code}, currency=currency, timezone=timezone, **settings
        )
        found = {}
        for position, (type_code, decimals) in enumerate(point_types):
            row = PointType.objects.create(
                code=type_code,
                name={"en": type_code.lower()},
                position=position,
                decimals=decimals,
                is_spendable=position == 0,
            )
            found[type_code] = row.pk
        ReasonCode.objects.create(
            code="GOODWILL",
            name={"en": "Goodwill"},
            point_type_id=found[point_types[0][0]],
            allows_debit=True,
            agent_limit=100 * 10 ** point_types[0][1],
        )
    shop = Shop(program_id, found)
    for rule, document in {"BASE": BASE, **(rules or {})}.items():
        publish(shop, rule, document)
    return shop


def publish(shop: Shop, code: str, document: Mapping[str, Any], *, name: str | None = None) -> None:
    """Put a promotion in force since ever."""
    with entered(shop):
        version = promotions.write_promotion(code=code, name={"en": name or code.title()}, document=document)
        promotions.publish_version(version_id=version.pk, starts_at=None, now=clock.now())


def make_member(shop: Shop, *, card: str = "", number: str = "M1", **personal: Any) -> Enrolled:
    """A member with a wallet of every point type; ``personal`` are fields of ``NewMember``."""
    cards = (card,) if card else ()
    with entered(shop), unit_of_work():
        new = NewMember(number=number, enrolled_at=LONG_AGO, cards=cards, **personal)
        enrolled = profiles.add_members([new])[0]
        ledger.open_wallets([enrolled.account_id], list(shop.point_types.values()))
    return enrolled


def make_partner(shop: Shop, code: str) -> int:
    """A partner of the program; its key."""
    with entered(shop):
        partner = Partner.objects.create(program_id=shop.program_id, code=code, name=code.title(), kind="retailer")
    return int(partner.pk)


def make_location(shop: Shop, code: str, *, partner_id: int | None = None, timezone: str = "") -> int:
    """A store of the program; its key."""
    with entered(shop):
        row = Location.objects.create(
            program_id=shop.program_id, code=code, name=code.title(), partner_id=partner_id, timezone=timezone
        )
    return int(row.pk)


def make_product(shop: Shop, sku: str, *, category: str, brand: str = "") -> int:
    """A product below a category (made when missing); its key."""
    with entered(shop):
        node = Category.objects.filter(code=category).first()
        if node is None:
            node = Category.objects.create(program_id=shop.program_id, code=category, name=category)
        row = Product.objects.create(program_id=shop.program_id, sku=sku, name=sku, category=node, brand=brand)
    return int(row.pk)


def make_key(shop: Shop, *scopes: str, partner_id: int | None = None) -> str:
    """The token of a fresh key of the API."""
    with entered(shop):
        key, token = ApiKey.issue(name="test key", scopes=list(scopes), partner_id=partner_id)
        key.save()
    return token


def client(shop: Shop, *scopes: str, partner_id: int | None = None) -> APIClient:
    """A client of the API with a fresh key; it sends and reads JSON."""
    made = APIClient()
    made.default_format = "json"
    made.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(shop, *scopes, partner_id=partner_id)}")
    return made
