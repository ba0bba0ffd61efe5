"""Returns: 2 % of the lines, chosen by hash, come back 1 to 20 days later.

The choice hangs on the basket and the line number alone, so it is the same on every day the demo is loaded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256

from loyalty.demo.journey import calendar
from loyalty.demo.journey.baskets import PIECE, Basket

SHARE_OF_10_000 = 200
LONGEST_DAYS = 20
# The counter for returns is open from 10:00 to 20:00.
OPENS = time(10)
OPEN_SECONDS = 10 * 60 * 60


@dataclass(frozen=True, slots=True)
class Return:
    """What a customer brings back on one day from one basket: (line number, quantity) by line number."""

    basket_id: int
    external_id: str
    at: datetime
    lines: tuple[tuple[int, Decimal], ...]


def returns_within(baskets: Iterable[Basket], until: date) -> list[Return]:
    """All returns of baskets up to the local day `until`, in time order. What would come back later stays with the customer."""
    found = [made for basket in baskets for made in returns_of(basket, until)]
    return sorted(found, key=lambda made: (made.at.timestamp(), made.external_id))


def returns_of(basket: Basket, until: date) -> list[Return]:
    """The returns of a basket up to the local day `until`, one for each day, in time order."""
    by_days: dict[int, list[tuple[int, Decimal]]] = {}
    for line in basket.lines:
        choice = choose(basket.basket_id, line.line_number, line.qty, line.unit)
        if choice is not None and basket.at.date() + timedelta(days=choice[0]) <= until:
            by_days.setdefault(choice[0], []).append((line.line_number, choice[1]))
    return [
        Return(
            basket.basket_id,
            f"{basket.basket_id}-R{days}",
            return_time(basket.basket_id, basket.at.date(), days),
            tuple(lines),
        )
        for days, lines in sorted(by_days.items())
    ]


def choose(basket_id: int, line_number: int, qty: Decimal, unit: str) -> tuple[int, Decimal] | None:
    """After how many days how much of a line comes back; None for the 98 % that are kept.

    Of several pieces one or more come back; anything else only whole.
    """
    digest = _digest(f"line:{basket_id}:{line_number}")
    if int.from_bytes(digest[:8]) % 10_000 >= SHARE_OF_10_000:
        return None
    days = 1 + int.from_bytes(digest[8:16]) % LONGEST_DAYS
    if unit != PIECE:
        return days, qty
    return days, Decimal(1 + int.from_bytes(digest[16:24]) % int(qty))


def return_time(basket_id: int, purchase_date: date, days: int) -> datetime:
    """The New York time at which things bought on `purchase_date` come back `days` days later."""
    seconds = int.from_bytes(_digest(f"time:{basket_id}:{days}")[:8]) % OPEN_SECONDS
    wall = datetime.combine(purchase_date + timedelta(days=days), OPENS) + timedelta(seconds=seconds)
    return calendar.normalized(wall)


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()
