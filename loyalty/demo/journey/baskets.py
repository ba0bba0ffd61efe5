"""Baskets and their lines, in exact cents and exact quantities."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from loyalty.demo.journey import calendar, source

PIECE = "piece"
GALLON = "gal"
FUEL_TYPE = "GASOLINE-REG UNLEADED"

COLUMNS = (
    "basket_id",
    "household_id",
    "store_id",
    "transaction_timestamp",
    "product_id",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_match_disc",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a receipt. Amounts are cents of the whole line; `list_amount - discount == amount`."""

    line_number: int
    product_id: int
    qty: Decimal
    unit: str
    list_amount: int
    discount: int
    amount: int


@dataclass(frozen=True, slots=True)
class Basket:
    """One receipt with at least one line. `at` is New York time."""

    basket_id: int
    household_id: int
    store_id: int
    at: datetime
    lines: tuple[Line, ...]

    @property
    def amount(self) -> int:
        """Cents paid for all lines."""
        return sum(line.amount for line in self.lines)


def read_baskets(today: date, first_date: date, last_date: date) -> Iterator[Basket]:
    """The baskets of the moved local days `first_date` to `last_date`, both included, in time order.

    Baskets of the same second follow each other by `basket_id`.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    by = calendar.shift(today)
    between = _between(first_date, last_date, by)
    found = _baskets(source.read_rows("transactions", COLUMNS, between), by)
    # The file is in time order, but on the day when the clocks skip an hour the skipped hour falls onto the next one.
    for _, baskets in groupby(found, key=lambda basket: basket.at.date()):
        yield from sorted(baskets, key=lambda basket: (basket.at.timestamp(), basket.basket_id))


def read_households(today: date, first_date: date, last_date: date) -> list[int]:
    """The households that buy within the moved local days, both included, by their ids.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    columns = ("household_id", "transaction_timestamp", "quantity", "sales_value")
    rows = source.read_rows("transactions", columns, _between(first_date, last_date, calendar.shift(today)))
    return sorted({household for household, _at, quantity, sales in rows if _is_kept(quantity, source.cents(sales))})


def _between(first_date: date, last_date: date, by: timedelta) -> source.Between:
    assert first_date <= last_date
    return source.Between(
        "transaction_timestamp",
        calendar.source_seconds(first_date, by),
        calendar.source_seconds(last_date + timedelta(days=1), by),
    )


def _is_kept(quantity: int, amount: int) -> bool:
    """A line of nothing for nothing is no line."""
    return quantity != 0 or amount != 0


@lru_cache(maxsize=1)
def fuel_products() -> frozenset[int]:
    """The products whose quantity is a thousandth of a gallon."""
    rows = source.read_rows("products", ("product_id", "product_type"))
    return frozenset(product_id for product_id, product_type in rows if product_type == FUEL_TYPE)


@lru_cache(maxsize=16_384)
def measured(quantity: int, is_fuel: bool) -> tuple[Decimal, str]:
    """Quantity and unit of a kept line.

    Fuel paid in advance has quantity 1 and no volume: one piece. So has a line that was weighed to nothing (quantity
    0) and yet paid.
    """
    if is_fuel and quantity > 1:
        return Decimal(quantity).scaleb(-3), GALLON
    return Decimal(max(quantity, 1)), PIECE


def _baskets(rows: Iterable[tuple[Any, ...]], by: timedelta) -> Iterator[Basket]:
    for basket_id, group in groupby(rows, key=itemgetter(0)):
        lines: list[Line] = []
        for row in group:
            _, household_id, store_id, instant, product_id, quantity, sales, retail, match = row
            amount = source.cents(sales)
            if not _is_kept(quantity, amount):
                continue
            qty, unit = measured(quantity, product_id in fuel_products())
            discount = source.cents(retail) + source.cents(match)
            lines.append(Line(len(lines) + 1, product_id, qty, unit, amount + discount, discount, amount))
        if lines:
            yield Basket(basket_id, household_id, store_id, calendar.moved_time(instant, by), tuple(lines))
