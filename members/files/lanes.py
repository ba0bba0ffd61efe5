"""Recording the purchases of a chunk in two lanes side by side: while the books write one, the rules judge the other.

All purchases of an account go by one lane, in the order of their time, so that no two lanes touch one wallet. Where a limit
is shared by members it matters who comes first: there is one lane then, and the order is that of time.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context

from django.db import connection, connections

from loyalty.kernel.errors import Refusal
from members.activity import each
from members.activity.intake import PurchaseInput
from members.activity.services import Recorded
from members.profiles.models import AccountMember
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.rules import limit_documents

# Fewer are recorded sooner than the second session is open.
FEWEST = 200
_LIMITS_OF_ONE = frozenset({"member", "recipient", "account", "household", "transaction"})

Outcomes = list[Recorded | Refusal]


class Lanes:
    """Where purchases are recorded; the second lane has a thread, and so a database session, of its own."""

    def __init__(self, beside: ThreadPoolExecutor) -> None:
        self._beside = beside
        self._is_used = False

    def record_each(self, given: Sequence[PurchaseInput]) -> Outcomes:
        """Record purchases of which each succeeds or fails by itself; answers as given."""
        # A session beside one with an open transaction would not see what that has written.
        if len(given) < FEWEST or connection.in_atomic_block or not _may_part(snapshots.present()):
            return each.record_each(given)
        first, second = _parted(given)
        if not first or not second:
            return each.record_each(given)
        self._is_used = True
        waiting = self._beside.submit(copy_context().run, each.record_each, [given[place] for place in second])
        try:
            outcomes = each.record_each([given[place] for place in first])
        finally:
            # Whatever becomes of one lane, the other comes to its end before anybody goes on.
            waiting.exception()
        found = dict(zip([*first, *second], [*outcomes, *waiting.result()], strict=True))
        return [found[place] for place in range(len(given))]

    def close(self) -> None:
        """End the session of the second lane."""
        if self._is_used:
            self._beside.submit(connections.close_all).result()


@contextmanager
def opened() -> Iterator[Lanes]:
    """The lanes for the length of a block."""
    with ThreadPoolExecutor(1) as beside:
        lanes = Lanes(beside)
        try:
            yield lanes
        finally:
            lanes.close()


def _may_part(frozen: FrozenProgram) -> bool:
    """Whether no rule has a limit that one member could use up for another."""
    return all(
        limit["scope"] in _LIMITS_OF_ONE for rule in frozen.rules for _place, limit in limit_documents(rule.document)
    )


def _parted(given: Sequence[PurchaseInput]) -> tuple[list[int], list[int]]:
    """The places of purchases in two lanes, by account."""
    accounts = dict(
        AccountMember.objects.filter(member_id__any={one.member_id for one in given}, is_primary=True).values_list(
            "member_id", "account_id"
        )
    )
    lanes: tuple[list[int], list[int]] = ([], [])
    for place, one in enumerate(given):
        lanes[accounts.get(one.member_id, 0) % 2].append(place)
    return lanes
