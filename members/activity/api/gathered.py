"""Purchases, and returns, of requests that come at the same time, recorded and explained together: a switch, not another door."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from loyalty.kernel import telemetry
from loyalty.kernel.gathering import Gathering, Place, surroundings
from members.activity import each, queries, telling
from members.activity.api import doors
from members.activity.api.returned import return_answers
from members.activity.explained import ExplainedPurchase
from members.activity.intake import PurchaseInput
from members.activity.services import Recorded, RecordedReturn, ReturnInput

# Seconds; a request takes a few thousandths from its key to its purchase.
PATIENCE = 0.02


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a purchase, and whether it had been recorded before."""

    content: dict[str, Any]
    is_replay: bool


@dataclass(frozen=True, slots=True)
class AnsweredReturn:
    """The answer to a return, whether it waits for its purchase, and whether it had been recorded before."""

    content: dict[str, Any]
    is_waiting: bool
    is_replay: bool


def record(place: Place[PurchaseInput, Answered], given: PurchaseInput) -> Answered:
    """Record one purchase as :func:`members.activity.services.record_purchase` does, and answer it.

    Purchases of the same key and language that came at the same time, up to ``RECORDED_TOGETHER`` of them, are in the same
    transaction; one that is refused keeps no other back.
    """
    traced = replace(given, trace=telemetry.trace_id())
    return PURCHASES.join(place, surroundings(), traced, most=settings.RECORDED_TOGETHER)


def record_return(place: Place[ReturnInput, AnsweredReturn], given: ReturnInput) -> AnsweredReturn:
    """Record one return as :func:`members.activity.services.record_return` does, and answer it; see :func:`record`."""
    traced = replace(given, trace=telemetry.trace_id())
    return RETURNS.join(place, surroundings(), traced, most=settings.RECORDED_TOGETHER)


def record_each(given: Sequence[PurchaseInput]) -> list[Answered | Exception]:
    """Record purchases of which each succeeds or fails by itself, and answer them in the order given."""
    recorded = each.record_each(given)
    done = [one for one in recorded if isinstance(one, Recorded)]
    explained = _explained(done)
    held = {one.purchase_id: left for one in done if one.fresh and (left := one.fresh.held()) is not None}
    contents = dict(zip(explained, doors.answers_to(list(explained.values()), held), strict=True))
    return [
        Answered(contents[one.purchase_id], one.is_replay) if isinstance(one, Recorded) else one for one in recorded
    ]


def _explained(recorded: Sequence[Recorded]) -> dict[int, ExplainedPurchase]:
    earlier = {one.purchase_id for one in recorded if one.fresh is None}
    found = queries.explain_purchases(earlier) if earlier else {}
    return found | telling.tell([one.fresh.facts() for one in recorded if one.fresh is not None])


def _record_each_return(given: Sequence[ReturnInput]) -> list[AnsweredReturn | Exception]:
    recorded = each.record_each_return(given)
    done = [one for one in recorded if isinstance(one, RecordedReturn)]
    contents = dict(zip(done, return_answers([one.return_id for one in done]), strict=True))
    return [
        AnsweredReturn(contents[one], one.is_waiting, one.is_replay) if isinstance(one, RecordedReturn) else one
        for one in recorded
    ]


PURCHASES: Gathering[PurchaseInput, Answered] = Gathering(record_each, patience=PATIENCE)
RETURNS: Gathering[ReturnInput, AnsweredReturn] = Gathering(_record_each_return, patience=PATIENCE)
