"""Redemptions of requests that come at the same time, made and answered together: a switch, not another door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from loyalty.kernel import gathering, scope
from loyalty.kernel.api import idempotency
from loyalty.kernel.api.idempotency import Answer, Answered, Asked
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.gathering import Gathering, Place
from loyalty.kernel.telemetry import Origin
from members.profiles import queries as profiles
from rewards.catalog import queries as catalog
from rewards.redemption import operations
from rewards.redemption.api.documents import CHANNEL, redeemed_document, redemption_document
from rewards.redemption.models import Redemption
from rewards.redemption.operations import Redeemed

# Seconds; a request takes a few thousandths from its key to its redemption.
PATIENCE = 0.02


@dataclass(frozen=True, slots=True)
class Requested:
    """What a request asks for: whom its identifier names, and the reward by its code."""

    kind: str
    value: str
    reward: str
    quantity: int
    request_key: str
    at: datetime
    origin: Origin


def redeem(place: Place[Asked[Requested], Answered], asked: Asked[Requested]) -> Answered:
    """Spend a member's points on a reward, once for the request's key, and answer.

    Redemptions of the same key and language that came at the same time, up to ``RECORDED_TOGETHER`` of them, are in the
    same transaction; one that is refused keeps no other back.

    :raises Refusal: what :func:`idempotency.answer_each` keeps no answer of.
    """
    return REDEMPTIONS.join(place, gathering.surroundings(), asked, most=settings.RECORDED_TOGETHER)


def _redeem_each(asked: Sequence[Asked[Requested]]) -> list[Answered | Refusal]:
    with scope.told():
        return idempotency.answer_each(asked, _answer)


def _answer(requested: Sequence[Requested]) -> list[Answer | Refusal]:
    members = profiles.identified_each([(one.kind, one.value) for one in requested])
    rewards = catalog.priced_by_code([one.reward for one in requested])
    answers: dict[int, Answer | Refusal] = {}
    wanted: dict[int, operations.Wanted] = {}
    for place, (one, member) in enumerate(zip(requested, members, strict=True)):
        if member is None:
            answers[place] = profiles.unknown_member()
        elif one.reward not in rewards:
            answers[place] = NotFound()
        else:
            wanted[place] = operations.Wanted(
                member, rewards[one.reward], one.quantity, one.request_key, CHANNEL, one.at, one.origin
            )
    for place, outcome in zip(wanted, operations.redeem(list(wanted.values())), strict=True):
        answers[place] = outcome if isinstance(outcome, Refusal) else _told(outcome)
    return [answers[place] for place in range(len(requested))]


def _told(outcome: Redeemed | operations.Earlier) -> Answer:
    if isinstance(outcome, Redeemed):
        return 201, redeemed_document(outcome)
    rows = Redemption.objects.select_related("reward__point_type")
    return 201, redemption_document(rows.get(pk=outcome.redemption_id))


REDEMPTIONS: Gathering[Asked[Requested], Answered] = Gathering(_redeem_each, patience=PATIENCE)
