"""Telling members of each step of their returns, by the messages that the program chose."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import translation

from loyalty.kernel import clock
from loyalty.kernel.pages import figures
from members.activity.models import Purchase, Return, ReturnNotice, ReturnStep
from members.messaging import operations as messaging
from members.messaging import queries as readers
from programs.rules.returns import DISCOUNT
from programs.setup.models import PointType

if TYPE_CHECKING:
    from members.activity.operations.returning import JudgedReturn

CAUSE = "return"
Steps = Mapping[str, Mapping[str, int]]


def tell_of_returns(judged: Sequence["JudgedReturn"]) -> None:
    """Write the messages about applied returns; a program that chose none pays for one query."""
    notices = _notices()
    if notices:
        _write([(one.row, one.purchase, _amount(one), _steps(one)) for one in judged], notices)


def tell_of_review(row: Return, purchase: Purchase) -> None:
    """Tell the member that the return was put before a person."""
    notices = _notices()
    if notices:
        _write([(row, purchase, 0, {ReturnStep.REVIEW: {}})], notices)


def _notices() -> list[ReturnNotice]:
    return list(ReturnNotice.objects.filter(archived_at__isnull=True).select_related("template").order_by("pk"))


def _amount(one: "JudgedReturn") -> int:
    """What came back by this return, minor units."""
    kept = sum(line.paid for line in one.reversal.kept)
    return sum(line.amount - line.returned_amount for line in one.lines.values()) - kept


def _steps(one: "JudgedReturn") -> Steps:
    """What happened, each with the points that it moved by type, smallest units."""
    steps: dict[str, Mapping[str, int]] = {ReturnStep.ACCEPTED: {}}
    taken: dict[str, int] = {}
    for (_rule, _effect, kind), units in one.reversal.amounts.items():
        if kind != DISCOUNT:
            taken[kind] = taken.get(kind, 0) + units
    if taken:
        steps[ReturnStep.POINTS_TAKEN] = taken
    if one.payback is not None and one.payback["points"]:
        steps[ReturnStep.POINTS_RESTORED] = {one.payback["type"]: one.payback["points"]}
    if one.bonus is not None:
        steps[ReturnStep.BONUS_GIVEN] = one.bonus["points"]
    return steps


def _write(told: Sequence[tuple[Return, Purchase, int, Steps]], notices: Sequence[ReturnNotice]) -> None:
    languages = {key: one.language for key, one in readers.readers(one[1].member_id for one in told).items()}
    types = {kind.code: kind for kind in PointType.objects.all()}
    at = clock.now()
    wanted = []
    for row, purchase, amount, steps in told:
        for notice in notices:
            if notice.step not in steps:
                continue
            with translation.override(languages[purchase.member_id]):
                points = [str(figures.points_of(units, types[code])) for code, units in steps[notice.step].items()]
                facts = {
                    "points": ", ".join(points),
                    "receipt": purchase.external_id,
                    "amount": str(figures.money(amount, purchase.currency)),
                }
            wanted.append(
                messaging.Wanted(
                    member_id=purchase.member_id, template=notice.template, text={}, facts=facts, cause_kind=CAUSE,
                    cause_id=row.pk, rule="", request_key=f"{CAUSE}:{row.pk}:{notice.pk}", at=at,
                )
            )  # fmt: skip
    if wanted:
        messaging.write(wanted)
