"""Many purchases at once of which each succeeds or fails by itself: one way for every door that brings them in batches."""

from collections.abc import Sequence

from loyalty.kernel.errors import Refusal
from members.activity import services
from members.activity.intake import PurchaseInput
from members.activity.services import Recorded


def record_each(given: Sequence[PurchaseInput]) -> list[Recorded | Refusal]:
    """Record purchases of which each succeeds or fails by itself, in the order of their time; answers as given.

    They are recorded together, and apart from each other only where one is refused.
    """
    found: dict[int, Recorded | Refusal] = {}
    names: dict[tuple[str, str], int] = {}
    repeats = []
    for place, one in enumerate(given):
        if names.setdefault((one.source, one.external_id), place) != place:
            repeats.append(place)
    first = sorted(names.values(), key=lambda place: given[place].at)
    _record_some(given, first, found)
    for place in repeats:
        _record_some(given, [place], found)
    return [found[place] for place in range(len(given))]


def _record_some(given: Sequence[PurchaseInput], places: Sequence[int], found: dict[int, Recorded | Refusal]) -> None:
    if not places:
        return
    try:
        recorded = services.record_purchases([given[place] for place in places])
    except Refusal as refusal:
        if len(places) == 1:
            found[places[0]] = refusal
            return
        middle = len(places) // 2
        _record_some(given, places[:middle], found)
        _record_some(given, places[middle:], found)
        return
    found.update(zip(places, recorded, strict=True))
