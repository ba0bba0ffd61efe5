"""Playing a history through the one door, day by day: purchases and returns in time order, then the night's sweeps."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.kernel import clock
from members.activity import services as activity
from members.activity import tiering
from members.activity.intake import PurchaseInput
from members.activity.services import ReturnInput
from members.ledger import services as ledger

LARGEST_BATCH = 500

Night = Callable[[datetime], None]


@dataclass(slots=True)
class Player:
    """Collects purchases and returns into batches without ever changing the order within one member."""

    purchases: list[PurchaseInput] = field(default_factory=list)
    returns: list[ReturnInput] = field(default_factory=list)
    returning: set[int] = field(default_factory=set)
    bought: set[str] = field(default_factory=set)
    played: int = 0

    def buy(self, purchase: PurchaseInput) -> None:
        """Add a purchase; what its member returned before is played first."""
        if purchase.member_id in self.returning or len(self.purchases) >= LARGEST_BATCH:
            self.flush()
        self.purchases.append(purchase)

    def bring_back(self, returned: ReturnInput, member_id: int) -> None:
        """Add a return; two of one purchase never share a batch."""
        if returned.purchase_external_id in self.bought:
            self.flush()
        self.returns.append(returned)
        self.returning.add(member_id)
        self.bought.add(returned.purchase_external_id)

    def flush(self) -> None:
        """Play what is collected: purchases, then returns."""
        instants = [one.at for one in self.purchases] + [one.at for one in self.returns]
        if not instants:
            return
        with clock.fixed(max(instants)):
            if self.purchases:
                activity.record_purchases(self.purchases)
            if self.returns:
                activity.record_returns(self.returns)
        self.played += len(self.purchases)
        self.purchases, self.returns = [], []
        self.returning, self.bought = set(), set()


def digest(*parts: object) -> bytes:
    """The content hash of a fact that came by no body."""
    return hashlib.sha256(repr(parts).encode()).digest()


def sweep(at: datetime, members: Mapping[int, int] | None = None) -> None:
    """What the night does: points become usable, points expire, tiers are reviewed; for ``members`` (account by member)."""
    accounts = None if members is None else members.values()
    while ledger.activate_due(at=at, accounts=accounts):
        pass
    while ledger.expire_due(at=at, accounts=accounts):
        pass
    tiering.review_tiers(at=at, members=members)


def play(
    events: Iterable[tuple[datetime, PurchaseInput | tuple[ReturnInput, int]]],
    zone: ZoneInfo,
    *,
    days: Sequence[date],
    report: Callable[[int], None],
    night: Night = sweep,
) -> int:
    """Play events, given in time order, and after each of the local ``days`` its ``night``; the number of purchases."""
    player = Player()
    coming = iter(events)
    event = next(coming, None)
    for day in days:
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        while event is not None and event[0] < midnight:
            if isinstance(event[1], PurchaseInput):
                player.buy(event[1])
            else:
                player.bring_back(*event[1])
            event = next(coming, None)
        player.flush()
        with clock.fixed(midnight):
            night(midnight)
        report(player.played)
    assert event is None, "an event after the last day"
    return player.played
