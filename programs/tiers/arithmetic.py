"""The arithmetic of tiers: which tier a value earns, for how long, and what a review decides. Pure.

A scheme is frozen with every snapshot as the document ``tiers/1`` of the promotion language says it: a measure, a window,
tiers with thresholds, validity and what happens at its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from programs.rules import dates


@dataclass(frozen=True, slots=True)
class TierTerms:
    """One tier of a scheme; ``threshold`` and ``retain`` in the unit of what the scheme counts."""

    id: int
    code: str
    rank: int
    threshold: int
    retain: int | None = None

    @property
    def kept_with(self) -> int:
        """What is enough at a review."""
        return self.threshold if self.retain is None else self.retain


@dataclass(frozen=True, slots=True)
class SchemeTerms:
    """A scheme as frozen in a snapshot; ``tiers`` ascend by rank and the first asks for nothing.

    Fields with a default were added later: a snapshot from before means what they say.
    """

    id: int
    code: str
    point_type: str | None
    window_months: int
    valid_months: int
    tiers: tuple[TierTerms, ...]
    measure: str = "points"
    window: str = "rolling"
    downgrade: str = "one"
    grace_days: int = 0
    warn_days: int = 0

    @property
    def ranks(self) -> dict[str, int]:
        """Rank by code of tier."""
        return {tier.code: tier.rank for tier in self.tiers}

    def by_id(self, tier_id: int) -> TierTerms:
        """The tier with this key."""
        return next(tier for tier in self.tiers if tier.id == tier_id)

    def by_code(self, code: str) -> TierTerms | None:
        """The tier with this code; None when the scheme has none."""
        return next((tier for tier in self.tiers if tier.code == code), None)


def scheme_from(document: Mapping[str, Any]) -> SchemeTerms:
    """The terms that a snapshot holds."""
    return SchemeTerms(**{**document, "tiers": tuple(TierTerms(**tier) for tier in document["tiers"])})


def earned_tier(value: int, tiers: Sequence[TierTerms]) -> TierTerms:
    """The highest tier whose threshold the value reaches; the lowest asks for nothing."""
    reached = [tier for tier in tiers if value >= tier.threshold]
    return max(reached, key=lambda tier: tier.rank) if reached else min(tiers, key=lambda tier: tier.rank)


def window_start(day: date, scheme: SchemeTerms, enrolled: date) -> date:
    """The first local day that counts together with ``day``.

    Rolling: as in C12 the same day months ago is just outside. Calendar: the first day of the period of so many months
    of the year. The member's own year begins on the last anniversary of ``enrolled`` (C21).
    """
    if scheme.window == "calendar":
        first_month = (day.month - 1) // scheme.window_months * scheme.window_months + 1
        return date(day.year, first_month, 1)
    if scheme.window == "anniversary":
        this_year = dates.anniversary(enrolled, day.year)
        return this_year if this_year <= day else dates.anniversary(enrolled, day.year - 1)
    return dates.add_months(day, -scheme.window_months) + dates.DAY


def valid_until(day: date, scheme: SchemeTerms, enrolled: date) -> date:
    """The first local day on which a tier that was reached or kept on ``day`` is no longer valid.

    Rolling: the month's end, ``valid_months`` later, has passed. Otherwise the period that holds ``day`` and
    ``valid_months`` more have passed.
    """
    if scheme.window == "rolling":
        return dates.next_period("month", dates.add_months(day, scheme.valid_months))
    start = window_start(day, scheme, enrolled)
    months = scheme.window_months if scheme.window == "calendar" else 12
    if scheme.window == "calendar":
        return dates.add_months(start, months + scheme.valid_months)
    return dates.add_months(dates.anniversary(enrolled, start.year + 1), scheme.valid_months)


def review_day(until: date, scheme: SchemeTerms) -> date:
    """The local day at whose beginning a tier valid until ``until`` is reviewed."""
    return until + timedelta(days=scheme.grace_days)


def review_window(until: date, scheme: SchemeTerms, enrolled: date) -> date:
    """The first local day that counts at the review of a tier valid until ``until``: the window of its last day."""
    return window_start(until - dates.DAY, scheme, enrolled)


def reviewed_tier(present: TierTerms, value: int, scheme: SchemeTerms, *, is_given: bool = False) -> TierTerms:
    """The tier after a review.

    Kept with enough; else as the scheme says: one step down but never below what the value earns, down to what it
    earns, or nothing happens. A tier that was given and not earned falls to what the value earns.
    """
    earned = earned_tier(value, scheme.tiers)
    if earned.rank >= present.rank:
        return earned
    if is_given:
        return earned
    if value >= present.kept_with or scheme.downgrade == "never":
        return present
    if scheme.downgrade == "earned":
        return earned
    below = [tier for tier in scheme.tiers if tier.rank < present.rank]
    one_down = max(below, key=lambda tier: tier.rank)
    return max(earned, one_down, key=lambda tier: tier.rank)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The program's day of an instant."""
    return dates.local(at, zone).date()
