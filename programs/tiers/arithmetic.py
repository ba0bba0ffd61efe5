"""The arithmetic of tiers: which tier points earn, for how long, and what a review decides. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from programs.rules import dates


@dataclass(frozen=True, slots=True)
class TierTerms:
    """One tier of a scheme; ``threshold`` in smallest units of the scheme's point type."""

    id: int
    code: str
    rank: int
    threshold: int


@dataclass(frozen=True, slots=True)
class SchemeTerms:
    """A scheme as frozen in a snapshot; ``tiers`` ascend by rank and the first asks for nothing."""

    id: int
    code: str
    point_type: str
    window_months: int
    valid_months: int
    tiers: tuple[TierTerms, ...]

    @property
    def ranks(self) -> dict[str, int]:
        """Rank by code of tier."""
        return {tier.code: tier.rank for tier in self.tiers}

    def by_id(self, tier_id: int) -> TierTerms:
        """The tier with this key."""
        return next(tier for tier in self.tiers if tier.id == tier_id)


def earned_tier(points: int, tiers: Sequence[TierTerms]) -> TierTerms:
    """The highest tier whose threshold the points reach; the lowest asks for nothing."""
    reached = [tier for tier in tiers if points >= tier.threshold]
    return max(reached, key=lambda tier: tier.rank) if reached else min(tiers, key=lambda tier: tier.rank)


def window_start(day: date, months: int) -> date:
    """The first local day of the window that ends with ``day``: as in C12, the same day months ago is just outside."""
    return dates.add_months(day, -months) + dates.DAY


def valid_until(at: datetime, months: int, zone: ZoneInfo) -> date:
    """The first local day on which the tier is reviewed: the month's end, ``months`` later, has passed."""
    day = dates.add_months(dates.local(at, zone).date(), months)
    return dates.next_period("month", day)


def reviewed_tier(present: TierTerms, points: int, tiers: Sequence[TierTerms]) -> TierTerms:
    """The tier after a review: kept with enough points, else one step down, but never below what the points earn."""
    earned = earned_tier(points, tiers)
    if earned.rank >= present.rank:
        return earned
    below = [tier for tier in tiers if tier.rank < present.rank]
    one_down = max(below, key=lambda tier: tier.rank)
    return max(earned, one_down, key=lambda tier: tier.rank)
