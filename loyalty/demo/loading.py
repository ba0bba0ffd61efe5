"""Loading the demo: the grocery program with its purchases, played by as many processes as there are cores.

Members are dealt to the processes, so each member's events keep their order. At the end of each local day the processes
meet; one of them does the night's sweeps while the others wait: no point expires before its day.
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
LONGEST_WAIT = 600
REWARDS_A_NIGHT = 2
# The nights after which the planner is told anew how much there is.
COUNTED_NIGHTS = frozenset({0, 2, 8, 26})

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


def read(today: date, months: int) -> History:
    """The last ``months`` of the data, moved so that they end on the last Sunday before ``today``."""
    return read_days(today, *calendar.last_months(today, months))


def read_days(today: date, first: date, last: date) -> History:
    """The moved local days ``first`` to ``last``, both included, with what came back within them."""
    sold = list(baskets.read_baskets(today, first, last))
    return History(first, last, sold, list(returns.read_returns(today, first, last)))


def load_grocery(history: History, *, processes: int, report: Report) -> int:
    """Create the grocery program and play its history; the program's id.

    :raises LoadingFailed: a part could not be played.
    """
    program_id = ids.take(1)[0]
    first_day = datetime.combine(history.first, datetime.min.time(), calendar.ZONE)
    with scope.enter([program_id], scope.SYSTEM):
        created = grocery.create(first_day, sorted({basket.household_id for basket in history.sold}))
    _count_rows()
    # Open connections must not be shared with the children.
    connections.close_all()
    # The history stays until the end: the collector of the children need not walk through it again and again.
    gc.freeze()
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(processes)
    done: Any = context.Array("q", processes)
    parts = [
        context.Process(target=_play_part, args=(created, history, part, processes, barrier, done))
        for part in range(processes)
    ]
    for process in parts:
        process.start()
    while any(process.is_alive() for process in parts):
        report(sum(done), len(history.sold))
        time.sleep(0.2)
    gc.unfreeze()
    report(sum(done), len(history.sold))
    if any(process.exitcode for process in parts):
        raise LoadingFailed
    return program_id


def _play_part(
    created: grocery.Grocery,
    history: History,
    part: int,
    processes: int,
    barrier: Any,
    done: Any,
) -> None:
    mine = [basket for basket in history.sold if basket.household_id % processes == part]
    members = created.members
    own = {members[household] for household in members if household % processes == part}
    accounts = {member: created.accounts[member] for member in own}
    by_day = _days(history)

    passed = count()

    def night(midnight: datetime) -> None:
        barrier.wait(LONGEST_WAIT)
        if part == 0:
            play.sweep(midnight)
            if next(passed) in COUNTED_NIGHTS:
                _count_rows()
        barrier.wait(LONGEST_WAIT)
        rewards.take_some(accounts, midnight, most=REWARDS_A_NIGHT)

    def report(played: int) -> None:
        done[part] = played

    # Little of what a batch makes hangs together in circles.
    gc.set_threshold(*RARELY)
    try:
        with scope.enter([created.program_id], scope.SYSTEM):
            events = merge(
                ((basket.at, _purchase(basket, members)) for basket in mine),
                _returned(mine, history.brought_back, members),
                key=lambda event: event[0],
            )
            play.play(events, calendar.ZONE, days=by_day, report=report, night=night)
    except BaseException:
        barrier.abort()
        raise
    finally:
        connections.close_all()


def _count_rows() -> None:
    """Tell the planner what the tables hold; only their owner may."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _days(history: History) -> list[date]:
    return [history.first + timedelta(days=past) for past in range((history.last - history.first).days + 1)]


def _purchase(basket: baskets.Basket, members: Mapping[int, int]) -> PurchaseInput:
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
