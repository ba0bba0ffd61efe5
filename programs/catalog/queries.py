"""Reads of the catalog: products by SKU, locations by code."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from programs.catalog.models import Location, Product, category_path


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What rules read of a product; ``categories`` holds the category and all its parents."""

    id: int
    name: str
    categories: tuple[str, ...]
    brand: str | None
    tax_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """What rules and posting read of a location."""

    id: int
    code: str
    name: str
    group: str | None
    timezone: str | None
    region: str | None
    partner_id: int | None
    partner: str | None


def products(skus: Iterable[str]) -> dict[str, ProductFacts]:
    """Products by SKU; the program's own wins over a shared one. Unknown SKUs are left out."""
    # Tuples, not model instances: a batch of purchases asks for thousands.
    rows = (
        Product.objects.filter(sku__any=skus)
        .order_by(F("program_id").asc(nulls_last=True))
        .values_list("sku", "pk", "name", "category__code", "brand", "tax_rate")
    )
    paths: dict[str, tuple[str, ...]] = {}
    found: dict[str, ProductFacts] = {}
    for sku, key, name, category, brand, tax_rate in rows:
        path = paths.get(category)
        if path is None:
            path = paths[category] = category_path(category)
        found.setdefault(sku, ProductFacts(key, name, path, brand or None, tax_rate))
    return found


def is_kept() -> bool:
    """Whether there is a catalog at all: a program may do without."""
    return Product.objects.exists()


def locations(codes: Iterable[str]) -> dict[str, LocationFacts]:
    """Locations by code; unknown codes are left out."""
    rows = Location.objects.filter(code__any=codes).values_list(
        "pk", "code", "name", "group", "timezone", "region__code", "partner_id", "partner__code"
    )
    return {
        code: LocationFacts(
            id=key,
            code=code,
            name=name,
            group=group or None,
            timezone=timezone or None,
            region=region,
            partner_id=partner_id,
            partner=partner,
        )
        for key, code, name, group, timezone, region, partner_id, partner in rows
    }
