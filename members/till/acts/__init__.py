"""What each operation of a till does. Each takes its basket, checks where it stands, and calls one service."""

from members.till.acts.asked import Asked, Done
from members.till.acts.committing import commit
from members.till.acts.reserving import cancel, make_hold, minutes_of_hold, reserve
from members.till.acts.returning import refund, void

__all__ = ["Asked", "Done", "cancel", "commit", "make_hold", "minutes_of_hold", "refund", "reserve", "void"]
