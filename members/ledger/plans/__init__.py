"""What an entry will write, planned in memory before a row is touched. Pure: no database, no clock.

Amounts are whole smallest units of a point type. A plan's legs sum to zero per point type by construction.
"""

from members.ledger.plans.holding import Part, give_back, hold, release, spend_parts
from members.ledger.plans.moving import (
    FAR_FUTURE,
    Credit,
    EntryPlan,
    Leg,
    LotView,
    NewEnd,
    NewLot,
    Taking,
    WalletView,
    available,
    credit,
    queue,
    repayment,
    reverse,
    spend,
    split,
    take,
)

__all__ = [
    "FAR_FUTURE",
    "Credit",
    "EntryPlan",
    "Leg",
    "LotView",
    "NewEnd",
    "NewLot",
    "Part",
    "Taking",
    "WalletView",
    "available",
    "credit",
    "give_back",
    "hold",
    "queue",
    "release",
    "repayment",
    "reverse",
    "spend",
    "spend_parts",
    "split",
    "take",
]
