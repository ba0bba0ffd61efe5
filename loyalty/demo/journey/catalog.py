"""Departments, categories and products."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from loyalty.demo.journey import names, source

# Products that a till sold or a coupon names, without a record in the list of products.
UNLISTED = "unlisted"
NO_CATEGORY = "other"

COLUMNS = (
    "product_id",
    "manufacturer_id",
    "department",
    "brand",
    "product_category",
    "product_type",
    "package_size",
)


class BrandKind(StrEnum):
    NATIONAL = "national"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Category:
    """A department (`grocery`, no parent) or a category in it (`grocery.cheese`)."""

    code: str
    name: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product. What has no record has neither manufacturer nor brand."""

    product_id: int
    name: str
    department_code: str
    category_code: str
    manufacturer_id: int | None
    brand: str | None
    brand_kind: BrandKind | None
    package_size: str


def brand_name(manufacturer_id: int) -> str:
    """The name of a manufacturer and of its brand, plainly synthetic: the data know only numbers."""
    return f"Manufacturer {manufacturer_id}"


def read_categories() -> list[Category]:
    """Every department, each followed by its categories, in the order of their codes.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    pairs = set(source.read_rows("products", ("department", "product_category")))
    found = {UNLISTED: Category(UNLISTED, "Unlisted Products", None)}
    for department, category in pairs:
        parent = names.slug(department)
        found[parent] = Category(parent, names.department_name(department), None)
        code = category_code(department, category)
        found[code] = Category(code, names.title(category) if category else "Other", parent)
    return sorted(found.values(), key=lambda category: category.code.split("."))


def category_code(department: str, category: str | None) -> str:
    """The code of a category by the raw names; a product without category is in `other` of its department."""
    return f"{names.slug(department)}.{names.slug(category) if category else NO_CATEGORY}"


def read_products() -> Iterator[Product]:
    """Every product of the list, then those without a record, each part in the order of its ids.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    listed: set[int] = set()
    for row in sorted(source.read_rows("products", COLUMNS), key=lambda row: row[0]):
        product_id, manufacturer_id, department, brand, category, kind, size = row
        listed.add(product_id)
        yield Product(
            product_id=product_id,
            name=product_name(department, category, kind, size),
            department_code=names.slug(department),
            category_code=category_code(department, category),
            manufacturer_id=manufacturer_id,
            brand=brand_name(manufacturer_id),
            brand_kind=BrandKind(brand.lower()),
            package_size=names.package(size),
        )
    named = source.distinct("transactions", "product_id") | source.distinct("coupons", "product_id")
    for product_id in sorted(named - listed):
        yield Product(product_id, f"Product {product_id}", UNLISTED, UNLISTED, None, None, None, "")


def product_name(department: str, category: str | None, kind: str | None, size: str | None) -> str:
    """The name of a product by the most exact raw name there is, with its package: `Ground Coffee, 34.5 oz`."""
    exact = kind or category
    name = names.title(exact) if exact else names.department_name(department)
    package = names.package(size)
    return f"{name}, {package}" if package else name
