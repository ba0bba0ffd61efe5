"""Steps of activity that need an open transaction: writing judged purchases, applying returns, changing tiers."""

from members.activity.operations.bought import rebuild_days
from members.activity.operations.counters import CounterMoved
from members.activity.operations.counters import hold as hold_counters
from members.activity.operations.given_tiers import give_tier, withdraw_given_tier
from members.activity.operations.return_notices import tell_of_review
from members.activity.operations.returning import apply_returns
from members.activity.operations.tiers import review_tier, warn_of_tier
from members.activity.operations.writing import AlreadyReceived, write

__all__ = [
    "AlreadyReceived",
    "CounterMoved",
    "apply_returns",
    "give_tier",
    "hold_counters",
    "rebuild_days",
    "review_tier",
    "tell_of_review",
    "warn_of_tier",
    "withdraw_given_tier",
    "write",
]
