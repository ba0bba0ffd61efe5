"""Recording purchases of a file through the one door, and counting what became of them."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from members.activity import each
from members.activity.services import Recorded
from members.files import purchases
from members.files.operations import Reject
from members.files.staging import StagedPurchase

# So many purchases are judged together and written in one transaction, for which others wait who want one of these accounts.
TOGETHER = 2000


class Taken(NamedTuple):
    """What became of purchases: how many the books hold now, what their lines cost, and what is wrong with the others.

    ``repeated`` are those of the others that the books hold with another content.
    """

    accepted: int
    amount: int
    repeated: int
    rejects: tuple[Reject, ...]

    @property
    def rejected(self) -> int:
        """How many purchases are rejected."""
        return len({one.external_id for one in self.rejects})

    def and_of(self, other: "Taken") -> "Taken":
        """Together with what became of other purchases."""
        return Taken(
            self.accepted + other.accepted, self.amount + other.amount, self.repeated + other.repeated,
            (*self.rejects, *other.rejects),
        )  # fmt: skip


NOTHING = Taken(0, 0, 0, ())


@contextmanager
def no_circles() -> Iterator[None]:
    """Hundreds of thousands of objects live for a moment and hold no circles: looking for some took a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def take(staged: Sequence[StagedPurchase], source: str) -> Taken:
    """Record purchases of a source, each of which succeeds or fails by itself. Those that the books hold change nothing."""
    taken = NOTHING
    for first in range(0, len(staged), TOGETHER):
        taken = taken.and_of(_take(staged[first : first + TOGETHER], source))
    return taken


def _take(staged: Sequence[StagedPurchase], source: str) -> Taken:
    found = purchases.read(staged, source=source)
    outcomes = each.record_each(found.given)
    by_name = {one.external_id: one for one in staged}
    accepted, amount, repeated, rejects = 0, 0, 0, found.rejects
    for given, outcome in zip(found.given, outcomes, strict=True):
        one = by_name[given.external_id]
        if isinstance(outcome, Recorded):
            accepted += 1
            amount += one.amount
        else:
            rejects += purchases.rejects_of(one, outcome)
            repeated += purchases.is_mismatch(outcome)
    return Taken(accepted, amount, repeated, tuple(rejects))
