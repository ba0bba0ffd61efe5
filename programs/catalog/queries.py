"""Reads of the catalog: products by SKU, locations by code."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from loyalty.kernel import scope
from programs.catalog.models import Product, category_path

# Asked on the way of every purchase, so without models. A list that is cut where it ends leaves a plan to be kept: without
# that each statement would be planned anew.
_PRODUCTS = """
    SELECT p.sku, p.id, p.name, c.code, p.brand, p.tax_rate
    FROM (SELECT * FROM unnest(%s::text[]) AS k(sku) LIMIT %s) k
    JOIN programs_product p ON p.sku = k.sku AND (p.program_id = ANY(%s) OR p.program_id IS NULL)
    JOIN programs_category c ON c.id = p.category_id
    ORDER BY p.program_id NULLS LAST
"""
_LOCATIONS = """
    SELECT l.id, l.code, l.name, l."group", l.timezone, r.code, l.partner_id, p.code
    FROM (SELECT * FROM unnest(%s::text[]) AS k(code) LIMIT %s) k
    JOIN programs_location l ON l.code = k.code AND (l.program_id = ANY(%s) OR l.program_id IS NULL)
    LEFT JOIN programs_region r ON r.id = l.region_id
    LEFT JOIN partners_partner p ON p.id = l.partner_id
"""


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
    rows = _rows(_PRODUCTS, skus)
    paths: dict[str, tuple[str, ...]] = {}
    found: dict[str, ProductFacts] = {}
    for sku, key, name, category, brand, tax_rate in rows:
        path = paths.get(category)
        if path is None:
            path = paths[category] = category_path(category)
        found.setdefault(sku, ProductFacts(key, name, path, brand or None, tax_rate))
    return found


def _rows(statement: str, names: Iterable[str]) -> list[tuple[Any, ...]]:
    wanted = list(names)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [wanted, len(wanted), list(scope.current().programs)])
        return cursor.fetchall()


def is_kept() -> bool:
    """Whether there is a catalog at all: a program may do without."""
    return Product.objects.exists()


def locations(codes: Iterable[str]) -> dict[str, LocationFacts]:
    """Locations by code; unknown codes are left out."""
    rows = _rows(_LOCATIONS, codes)
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
