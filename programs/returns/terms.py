"""Terms of return as a snapshot holds them, and which of them holds for a line. Pure.

Of the terms that fit a line the most specific one holds: first by the category (the deeper one), then by the tier, then by
the channel. No two fit equally well: the terms of one category, tier and channel begin on different days, and the latest
that has begun stands for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str | None, tuple[str, str] | None, str]


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points instead of money: ``each`` smallest units for every smallest unit of money, which is ``percent`` of it."""

    type: str
    percent: int
    each: Fraction


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one category, tier and channel, each empty for all of them.

    :param tier: codes of the scheme and of the tier.
    :param until: the first day on which they hold no more; None while nobody ended them.
    :param days: so many days after the day of the purchase a return is accepted; None without an end.
    :param mode: what happens to the points of the purchase: ``recompute``, ``proportional`` or ``keep``.
    :param bonus: what is offered instead of money; None where nothing is.
    """

    id: int
    category: str | None
    tier: tuple[str, str] | None
    channel: str
    since: date
    until: date | None
    days: int | None
    mode: str
    gives_money: bool
    bonus: Bonus | None = None

    @property
    def key(self) -> Key:
        """What they are for."""
        return self.category, self.tier, self.channel

    def last_day(self, bought: date) -> date | None:
        """The last day, of the program's zone, on which what was bought on ``bought`` may come back."""
        return None if self.days is None else bought + timedelta(days=self.days)


class TermsBook:
    """All terms of a snapshot."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        self.by_id: Mapping[int, Terms] = {document["id"]: terms_from(document) for document in documents}

    def __bool__(self) -> bool:
        return bool(self.by_id)

    def of_lines(
        self, lines: Mapping[str, Sequence[str]], *, day: date, tiers: Mapping[str, str], channel: str
    ) -> dict[str, int]:
        """The keys of the terms that hold for lines; lines for which none do are left out.

        :param lines: the categories of each line by line id.
        :param day: of the purchase, in the program's zone.
        :param tiers: the member's tier before the purchase, by scheme, in the order of the schemes.
        """
        ranks = {pair: -place for place, pair in enumerate(tiers.items())}
        fitting = [
            one
            for one in self._in_force(day)
            if one.channel in ("", channel) and (one.tier is None or one.tier in ranks)
        ]
        found: dict[str, int] = {}
        for line_id, categories in lines.items():
            ranked = [(rank, one.id) for one in fitting if (rank := _rank(one, categories, ranks)) is not None]
            if ranked:
                found[line_id] = max(ranked)[1]
        return found

    def _in_force(self, day: date) -> list[Terms]:
        newest: dict[Key, Terms] = {}
        for one in self.by_id.values():
            was_called_off = one.until is not None and one.until <= one.since
            if one.since <= day and not was_called_off:
                newest[one.key] = max(newest.get(one.key, one), one, key=lambda terms: terms.since)
        return [one for one in newest.values() if one.until is None or day < one.until]


def _rank(one: Terms, categories: Sequence[str], tiers: Mapping[tuple[str, str], int]) -> tuple[int, ...] | None:
    """How well terms fit a line with these categories; None where they do not."""
    depth, place = 0, 0
    if one.category is not None:
        places = [index for index, code in enumerate(categories) if f"{code}.".startswith(f"{one.category}.")]
        if not places:
            return None
        depth, place = one.category.count(".") + 1, -places[0]
    by_tier = (1, tiers[one.tier]) if one.tier is not None else (0, 0)
    return depth, place, *by_tier, 1 if one.channel else 0


def terms_from(document: Mapping[str, Any]) -> Terms:
    """Terms as a snapshot holds them."""
    bonus = document["bonus"]
    return Terms(
        id=document["id"],
        category=document["category"],
        tier=None if document["tier"] is None else (document["tier"][0], document["tier"][1]),
        channel=document["channel"],
        since=date.fromisoformat(document["since"]),
        until=None if document["until"] is None else date.fromisoformat(document["until"]),
        days=document["days"],
        mode=document["mode"],
        gives_money=document["gives_money"],
        bonus=None if bonus is None else Bonus(bonus["type"], bonus["percent"], Fraction(bonus["each"])),
    )
