"""Loading the demo: the grocery program with its purchases, played by as many processes as there are cores.

Members are dealt to the processes, so each member's events keep their order, and each process does the night's sweeps of
its own members: no point expires before its day, and nobody waits for another.
"""

import gc
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import count
from typing import Any

from django.db import connections

from loyalty.demo import grocery, play, rewards
from loyalty.demo.journey import baskets, calendar, returns
from loyalty.kernel import ids, scope
from members.activity.intake import LineInput, PurchaseInput
from members.activity.services import ReturnInput

SOURCE = "till"
REWARDS_A_NIGHT = 1
# The nights after which the planner is told anew how much there is.
COUNTED_NIGHTS = frozenset({0, 2, 8})

# How often the collector looks for circles: after so many new objects, and every so often through older ones.
RARELY = (200_000, 20, 100)

Event = tuple[datetime, PurchaseInput | tuple[ReturnInput, int]]
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class History:
    """The data of the chosen months, as read."""

    first: date
    last: date
    sold: Sequence[baskets.Basket]
    brought_back: Sequence[returns.Return]


class LoadingFailed(RuntimeError):
    """A process that played a part of the history has died; its error stands above."""


def read_days(today: date, first: date, last: date) -> History:
    """The moved local days ``first`` to ``last``, both included, with what came back within them."""
    sold = list(baskets.read_baskets(today, first, last))
    return History(first, last, sold, returns.returns_within(sold, min(last, calendar.last_date(today))))


def create_grocery(today: date, first: date, last: date) -> grocery.Grocery:
    """The grocery program before its first purchase, with a member for each household that buys in these days."""
    program_id = ids.take(1)[0]
    first_day = datetime.combine(first, datetime.min.time(), calendar.ZONE)
    with scope.enter([program_id], scope.SYSTEM):
        created = grocery.create(first_day, baskets.read_households(today, first, last))
    _count_rows()
    return created


def play_grocery(created: grocery.Grocery, history: History, *, processes: int, report: Report) -> None:
    """Play the history of the grocery program in several processes.

    :raises LoadingFailed: a part could not be played.
    """
    # Open connections must not be shared with the children.
    connections.close_all()
    # The history stays until the end: the collector of the children need not walk through it again and again.
    gc.freeze()
    context = multiprocessing.get_context("fork")
    done: Any = context.Array("q", processes)
    parts = [
        context.Process(target=_play_part, args=(created, history, part, processes, done)) for part in range(processes)
    ]
    for process in parts:
        process.start()
    while any(process.is_alive() for process in parts) and not any(process.exitcode for process in parts):
        report(sum(done), len(history.sold))
        time.sleep(0.2)
    for process in parts:
        process.terminate()
        process.join()
    gc.unfreeze()
    if any(process.exitcode for process in parts):
        raise LoadingFailed
    report(sum(done), len(history.sold))


def _play_part(created: grocery.Grocery, history: History, part: int, processes: int, done: Any) -> None:
    mine = [basket for basket in history.sold if basket.household_id % processes == part]
    own = {member for household, member in created.members.items() if household % processes == part}
    accounts = {member: created.accounts[member] for member in own}
    passed = count()

    # A connection that is open in the parent nevertheless, in another context of it, is not ours to use.
    for inherited in connections.all(initialized_only=True):
        inherited.connection = None

    def night(midnight: datetime) -> None:
        play.sweep(midnight, accounts)
        if part == 0 and next(passed) in COUNTED_NIGHTS:
            _count_rows()
        rewards.take_some(accounts, midnight, most=REWARDS_A_NIGHT)

    def report(played: int) -> None:
        done[part] = played

    # Little of what a batch makes hangs together in circles.
    gc.set_threshold(*RARELY)
    try:
        with scope.enter([created.program_id], scope.SYSTEM):
            events = merge(
                ((basket.at, purchase_of(basket, created.members)) for basket in mine),
                _returned(mine, history.brought_back, created.members),
                key=lambda event: event[0],
            )
            play.play(events, calendar.ZONE, days=_days(history), report=report, night=night)
    finally:
        connections.close_all()


def _count_rows() -> None:
    """Tell the planner what the tables hold; only their owner may."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _days(history: History) -> list[date]:
    return [history.first + timedelta(days=past) for past in range((history.last - history.first).days + 1)]


def purchase_of(basket: baskets.Basket, members: Mapping[int, int]) -> PurchaseInput:
    """A basket of the data as the one door takes it; ``members`` by household."""
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
    sold: Sequence[baskets.Basket], brought_back: Sequence[returns.Return], members: Mapping[int, int]
) -> Iterator[Event]:
    households = {basket.basket_id: basket.household_id for basket in sold}
    for one in brought_back:
        household = households.get(one.basket_id)
        if household is None:
            continue
        lines = tuple((str(number), quantity) for number, quantity in one.lines)
        given = ReturnInput(
            source=SOURCE,
            purchase_external_id=str(one.basket_id),
            external_id=one.external_id,
            body_hash=play.digest(one.external_id, lines),
            at=one.at,
            lines=lines,
        )
        yield one.at, (given, members[household])
