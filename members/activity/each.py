"""Many purchases or returns at once of which each succeeds or fails by itself: one way for every door that brings several."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from loyalty.kernel.errors import Refusal
from members.activity import services
from members.activity.intake import PurchaseInput
from members.activity.services import Recorded, RecordedReturn, ReturnInput

Given = TypeVar("Given")
Done = TypeVar("Done")


def record_each(given: Sequence[PurchaseInput]) -> list[Recorded | Refusal]:
    """Record purchases of which each succeeds or fails by itself, in the order of their time; answers as given.

    They are recorded together, and apart from each other only where one is refused.
    """
    names = [(one.source, one.external_id) for one in given]
    first, repeats = _apart(names)
    first.sort(key=lambda place: given[place].at)
    return _each(services.record_purchases, given, first, repeats)


def record_each_return(given: Sequence[ReturnInput]) -> list[RecordedReturn | Refusal]:
    """Record returns of which each succeeds or fails by itself; answers as given.

    They are recorded together, and apart from each other where one is refused, where two are of one purchase, and where
    one comes again.
    """
    first, repeats = _apart([(one.source, one.purchase_external_id) for one in given])
    again = {place for place in _apart([(one.source, one.external_id) for one in given])[1] if place not in repeats}
    return _each(
        services.record_returns, given, [place for place in first if place not in again], sorted([*repeats, *again])
    )


def _apart(names: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    """The places of names that come first, and of those that come again."""
    firsts: dict[Hashable, int] = {}
    repeats = [place for place, name in enumerate(names) if firsts.setdefault(name, place) != place]
    return list(firsts.values()), repeats


def _each(
    record: Callable[[Sequence[Given]], list[Done]],
    given: Sequence[Given],
    together: Sequence[int],
    alone: Sequence[int],
) -> list[Done | Refusal]:
    found: dict[int, Done | Refusal] = {}
    _record_some(record, given, together, found)
    for place in alone:
        _record_some(record, given, [place], found)
    return [found[place] for place in range(len(given))]


def _record_some(
    record: Callable[[Sequence[Given]], list[Done]],
    given: Sequence[Given],
    places: Sequence[int],
    found: dict[int, Done | Refusal],
) -> None:
    if not places:
        return
    try:
        done = record([given[place] for place in places])
    except Refusal as refusal:
        if len(places) == 1:
            found[places[0]] = refusal
            return
        middle = len(places) // 2
        _record_some(record, given, places[:middle], found)
        _record_some(record, given, places[middle:], found)
        return
    found.update(zip(places, done, strict=True))
