"""Opening a member with a reason, and checking that who calls is the member."""

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
    "CodeWrong",
    "FactsWrong",
    "NotOpen",
    "NotReachable",
    "NoteMissing",
    "TooFewFacts",
    "TooManyAnswers",
    "TooManyCodes",
    "TooManyLooks",
    "answer_facts",
    "demand_check",
    "open_member",
    "send_code",
    "show_contact",
    "take_code",
]
