"""Stores as locations, and the partners: the largest manufacturers and two groups of stores.

Both are chosen by the sales of the whole year, so the choice does not depend on the day or on the months loaded.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from loyalty.demo.journey import catalog, source
from loyalty.demo.journey.calendar import ZONE

MANUFACTURERS = 6
STORES_A_GROUP = 12
NORTH = "stores-north"
SOUTH = "stores-south"
GROUP_NAMES = {NORTH: "Store group North", SOUTH: "Store group South"}


class PartnerKind(StrEnum):
    MANUFACTURER = "manufacturer"
    STORE_GROUP = "store_group"


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner of the program: a manufacturer by its number or a group of stores by theirs, never both."""

    code: str
    name: str
    kind: PartnerKind
    manufacturer_id: int | None
    store_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Location:
    """A store. `partner_code` is empty for the operator's own stores."""

    store_id: int
    code: str
    name: str
    time_zone: str
    partner_code: str | None


def read_partners() -> list[Partner]:
    """The six largest manufacturers by sales, largest first, then the two groups of stores.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    manufacturers = [
        Partner(
            f"manufacturer-{manufacturer_id}",
            catalog.brand_name(manufacturer_id),
            PartnerKind.MANUFACTURER,
            manufacturer_id,
            (),
        )
        for manufacturer_id in _largest(sales_by_manufacturer())[:MANUFACTURERS]
    ]
    groups = [
        Partner(code, GROUP_NAMES[code], PartnerKind.STORE_GROUP, None, store_ids)
        for code, store_ids in store_groups(_sales_by_store()).items()
    ]
    return manufacturers + groups


def read_locations() -> list[Location]:
    """Every store that sold anything, in the order of ids.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    sales = _sales_by_store()
    partner_of = {store_id: code for code, store_ids in store_groups(sales).items() for store_id in store_ids}
    return [
        Location(store_id, f"store-{store_id}", f"Store {store_id}", ZONE.key, partner_of.get(store_id))
        for store_id in sorted(sales)
    ]


@cache
def _sales_by_store() -> dict[int, int]:
    return source.total_cents("transactions", "store_id", "sales_value")


def store_groups(sales: dict[int, int]) -> dict[str, tuple[int, ...]]:
    """Two groups without a common store: the largest stores dealt in turn, so that the groups are of one size.

    `sales` is cents by store. Of each two stores the larger goes to the north and to the south by turns.
    """
    largest = _largest(sales)[: 2 * STORES_A_GROUP]
    north: list[int] = []
    south: list[int] = []
    for place, store_id in enumerate(largest):
        (north if place % 4 in (0, 3) else south).append(store_id)
    return {NORTH: tuple(sorted(north)), SOUTH: tuple(sorted(south))}


def sales_by_manufacturer() -> dict[int, int]:
    """Cents sold in the whole year by manufacturer; products without a record are nobody's.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    manufacturer_of = dict(source.read_rows("products", ("product_id", "manufacturer_id")))
    sales: dict[int, int] = {}
    for product_id, amount in source.total_cents("transactions", "product_id", "sales_value").items():
        if product_id in manufacturer_of:
            manufacturer_id = manufacturer_of[product_id]
            sales[manufacturer_id] = sales.get(manufacturer_id, 0) + amount
    return sales


def _largest(sales: dict[int, int]) -> list[int]:
    return sorted(sales, key=lambda number: (-sales[number], number))
