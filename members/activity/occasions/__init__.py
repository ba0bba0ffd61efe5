"""What starts promotions beside a purchase: an event, joining, a return, another tier, a crossed measure, the calendar."""

from members.activity.occasions.causes import (
    after_purchases,
    after_returns,
    after_tiers,
    may_change_members,
    of_enrolment,
    of_event,
)
from members.activity.occasions.describing import describe_entries
from members.activity.occasions.starting import CAUSE, Occasion, start

__all__ = [
    "CAUSE",
    "Occasion",
    "after_purchases",
    "after_returns",
    "after_tiers",
    "describe_entries",
    "may_change_members",
    "of_enrolment",
    "of_event",
    "start",
]
