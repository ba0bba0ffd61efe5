"""Purchases of requests that come at the same time, recorded and explained together: a switch, not another door."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils import translation

from loyalty.kernel import scope, telemetry
from loyalty.kernel.gathering import Gathering, Place
from members.activity import each, queries
from members.activity.api import doors
from members.activity.intake import PurchaseInput
from members.activity.services import Recorded

# Seconds; a request takes a few thousandths from its key to its purchase.
PATIENCE = 0.02


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a purchase, and whether it had been recorded before."""

    content: dict[str, Any]
    is_replay: bool


def coming() -> AbstractContextManager[Place[PurchaseInput, Answered]]:
    """The place of a request that is going to bring a purchase: others may wait for it."""
    return _GATHERING.coming()


def record(place: Place[PurchaseInput, Answered], given: PurchaseInput) -> Answered:
    """Record one purchase as :func:`members.activity.services.record_purchase` does, and answer it.

    Purchases of the same key and language that came at the same time, up to ``RECORDED_TOGETHER`` of them, are in the same
    transaction; one that is refused keeps no other back.
    """
    traced = replace(given, trace=telemetry.trace_id())
    kind = (scope.current(), translation.get_language())
    return _GATHERING.join(place, kind, traced, most=settings.RECORDED_TOGETHER)


def record_each(given: Sequence[PurchaseInput]) -> list[Answered | Exception]:
    """Record purchases of which each succeeds or fails by itself, and answer them in the order given."""
    recorded = each.record_each(given)
    explained = queries.explain_purchases({one.purchase_id for one in recorded if isinstance(one, Recorded)})
    contents = dict(zip(explained, doors.answers_to(list(explained.values())), strict=True))
    return [
        Answered(contents[one.purchase_id], one.is_replay) if isinstance(one, Recorded) else one for one in recorded
    ]


_GATHERING: Gathering[PurchaseInput, Answered] = Gathering(record_each, patience=PATIENCE)
