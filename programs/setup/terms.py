"""Settings that may stand at several levels: the nearest wins. Region, brand, program, operator, then what is usual.

A value at one level hides those behind it; a level that says nothing lets the next one speak. The operator's stand in
the environment (``TERMS``, a JSON object), the others in the ``settings`` of their rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from programs.setup.models import Brand, Program, Region


@dataclass(frozen=True, slots=True)
class Term:
    """One setting: what it is where nobody says otherwise, and which values make sense."""

    name: str
    usual: Any
    accepts: Callable[[Any], bool]


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


# The check digit of card numbers.
CARD_CHECK = Term("card_check", "luhn", _one_of("luhn", "ean13", "none"))
# What becomes of a purchase with an article that the catalog does not know.
UNKNOWN_ARTICLES = Term("unknown_articles", "refuse", _one_of("refuse", "accept"))
# How long a redemption can be canceled.
CANCELABLE_DAYS = Term("cancelable_days", 30, _whole(0, 3650))
# Moving points between accounts: whether they keep their end or begin their life anew; how many whole points a day an
# account may send (none: no end); what is kept back of each, in percent.
TRANSFER_EXPIRY = Term("transfer_expiry", "keep", _one_of("keep", "restart"))
TRANSFER_DAILY_POINTS = Term(
    "transfer_daily_points", None, lambda value: value is None or _whole(0, 1_000_000_000)(value)
)
TRANSFER_FEE_PERCENT = Term("transfer_fee_percent", 0, _whole(0, 99))
# What points are at a till: money off the receipt, or a means of payment. How many minutes a till may hold them. Up to how
# much money (smallest units of the currency) a till without a line may take points for; 0: never.
POINTS_AT_TILL = Term("points_at_till", "payment", _one_of("payment", "discount"))
TILL_HOLD_MINUTES = Term("till_hold_minutes", 15, _whole(1, 1440))
TILL_OFFLINE_LIMIT = Term("till_offline_limit", 0, _whole(0, 1_000_000_000))

# At the member desk: how many minutes a member stays open to whoever gave a reason, how many members one user opens in an
# hour, and how many minutes a check of a caller holds.
LOOK_MINUTES = Term("look_minutes", 30, _whole(1, 480))
LOOKS_PER_HOUR = Term("looks_per_hour", 60, _whole(1, 1000))
CALLER_MINUTES = Term("caller_minutes", 15, _whole(1, 120))

# How many points one agent may give and take by hand in a day, all reasons together (none: no end). How many hours nothing
# is spent after a member's e-mail or phone changed (0: no hold).
CORRECTION_DAILY_POINTS = Term(
    "correction_daily_points", None, lambda value: value is None or _whole(0, 1_000_000_000)(value)
)
CONTACT_HOLD_HOURS = Term("contact_hold_hours", 72, _whole(0, 8760))

# How often one member may earn at one till in an hour before somebody looks at it; 0: nobody does.
CARD_EARNS_PER_HOUR = Term("card_earns_per_hour", 10, _whole(0, 10_000))

TERMS: Mapping[str, Term] = {
    term.name: term
    for term in (
        CARD_CHECK,
        UNKNOWN_ARTICLES,
        CANCELABLE_DAYS,
        TRANSFER_EXPIRY,
        TRANSFER_DAILY_POINTS,
        TRANSFER_FEE_PERCENT,
        POINTS_AT_TILL,
        TILL_HOLD_MINUTES,
        TILL_OFFLINE_LIMIT,
        LOOK_MINUTES,
        LOOKS_PER_HOUR,
        CALLER_MINUTES,
        CORRECTION_DAILY_POINTS,
        CONTACT_HOLD_HOURS,
        CARD_EARNS_PER_HOUR,
    )
}


def nearest(term: Term, program: Program, *, brand: Brand | None = None, region: Region | None = None) -> Any:
    """The value of a setting for a member or place of this region and brand. Reads nothing from the database."""
    levels = [
        *(level.settings for level in (region, brand) if level is not None),
        program.settings,
        settings.TERMS,
    ]
    value = next((level[term.name] for level in levels if term.name in level), term.usual)
    assert term.accepts(value), f"the setting {term.name} cannot be {value!r}"
    return value
