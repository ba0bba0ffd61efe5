"""Loading the demo: the grocery program with its real purchases, and a small second program beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge

from loyalty.demo import grocery, play
from loyalty.demo.journey import baskets, calendar, returns
from loyalty.kernel import ids, scope
from members.activity.intake import LineInput, PurchaseInput
from members.activity.services import ReturnInput

SOURCE = "till"

Event = tuple[datetime, PurchaseInput | tuple[ReturnInput, int]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded into one program."""

    program_id: int
    purchases: int


def load_grocery(today: date, months: int, *, report: Callable[[int, int], None]) -> Loaded:
    """Create the grocery program and play the last ``months`` of the data up to the last Sunday before ``today``."""
    first, last = calendar.last_months(today, months)
    sold = list(baskets.read_baskets(today, first, last))
    program_id = ids.take(1)[0]
    first_day = datetime.combine(first, datetime.min.time(), calendar.ZONE)
    with scope.enter([program_id], scope.SYSTEM):
        created = grocery.create(first_day, sorted({basket.household_id for basket in sold}))
        events = merge(
            ((basket.at, _purchase(basket, created.members)) for basket in sold),
            _returned(sold, today, first, last, created.members),
            key=lambda event: event[0],
        )
        played = play.play(events, calendar.ZONE, report=lambda done: report(done, len(sold)))
    return Loaded(program_id, played)


def _purchase(basket: baskets.Basket, members: dict[int, int]) -> PurchaseInput:
    lines = tuple(
        LineInput(
            line_id=str(line.line_number), sku=str(line.product_id), quantity=line.qty, unit=line.unit,
            list_amount=line.list_amount, amount=line.amount,
        )
        for line in basket.lines
    )  # fmt: skip
    return PurchaseInput(
        source=SOURCE,
        external_id=str(basket.basket_id),
        body_hash=play.digest(basket.basket_id, basket.at, lines),
        member_id=members[basket.household_id],
        at=basket.at,
        lines=lines,
        currency="USD",
        location=f"store-{basket.store_id}",
    )


def _returned(
    sold: list[baskets.Basket], today: date, first: date, last: date, members: dict[int, int]
) -> Iterator[Event]:
    households = {basket.basket_id: basket.household_id for basket in sold}
    for one in returns.read_returns(today, first, last):
        lines = tuple((str(number), quantity) for number, quantity in one.lines)
        given = ReturnInput(
            source=SOURCE,
            purchase_external_id=str(one.basket_id),
            external_id=one.external_id,
            body_hash=play.digest(one.external_id, lines),
            at=one.at,
            lines=lines,
        )
        yield one.at, (given, members[households[one.basket_id]])
