"""Two versions side by side: which phrases of one are not in the other."""

from collections.abc import Sequence

from programs.promotions.models import PromotionVersion
from programs.promotions.sentence import Phrases

Marked = list[tuple[str, bool]]


def marked(shown: Phrases, other: Phrases) -> Marked:
    """The phrases of a sentence; those that lead to a field and do not stand in the other one are marked."""
    there = {phrase.text for phrase in other if phrase.field}
    return [(phrase.text, bool(phrase.field) and phrase.text not in there) for phrase in shown]


def chosen(
    versions: Sequence[PromotionVersion], newer: str, older: str
) -> tuple[PromotionVersion | None, PromotionVersion | None]:
    """The versions asked for by number; by default the newest and the one before it."""
    by_number = {str(one.number): one for one in versions}
    ordered = sorted(versions, key=lambda one: one.number, reverse=True)
    first = by_number.get(newer) or (ordered[0] if ordered else None)
    second = by_number.get(older) or (ordered[1] if len(ordered) > 1 else None)
    return first, second
