"""Opening a member with a reason, checking that who calls is the member, changing how they are reached."""

from members.callers.services.checks import (
    CallerUnchecked,
    CodeGone,
    CodeWrong,
    FactsWrong,
    NotReachable,
    TooFewFacts,
    TooManyAnswers,
    TooManyCodes,
    answer_facts,
    demand_check,
    send_code,
    take_code,
)
from members.callers.services.contacts import CodeNeeded, NothingNew, change_contact, has_code
from members.callers.services.looks import (
    NoteMissing,
    NotOpen,
    TooManyLooks,
    open_member,
    show_contact,
)

__all__ = [
    "CallerUnchecked",
    "CodeGone",
    "CodeNeeded",
    "CodeWrong",
    "FactsWrong",
    "NotOpen",
    "NotReachable",
    "NoteMissing",
    "NothingNew",
    "TooFewFacts",
    "TooManyAnswers",
    "TooManyCodes",
    "TooManyLooks",
    "answer_facts",
    "change_contact",
    "demand_check",
    "has_code",
    "open_member",
    "send_code",
    "show_contact",
    "take_code",
]
