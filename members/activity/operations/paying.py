"""Points that pay a receipt: taken with the purchase, given back with its returns, under the wallet's lock."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from loyalty.kernel import clock
from loyalty.kernel.errors import NotFound
from members.activity.decision import Decision
from members.activity.intake import PAYMENT, PaidPoints
from members.ledger import operations as ledger
from members.ledger.models import Entry, Hold

if TYPE_CHECKING:
    from members.activity.operations.returning import JudgedReturn

CAUSE, BACK = "payment", "payback"


def take_points(decisions: Sequence[Decision]) -> None:
    """Take what the receipts are paid with, and note it in their outcomes. Receipts paid with money cost nothing here.

    :raises ledger.HoldEnded: the hold was taken, let go or lapsed.
    :raises ledger.InsufficientPoints: less is there.
    :raises NotFound: the hold is another member's.
    """
    for one in decisions:
        points = one.given.points
        if points is None:
            continue
        entry, missing = _take(one, points)
        one.outcome[CAUSE] = {
            "type": points.type_code, "points": points.units, "value": points.value, "way": points.way,
            "hold": points.hold_id, "entry": entry.pk, "missing": missing,
        }  # fmt: skip


def _take(one: Decision, points: PaidPoints) -> tuple[Entry, int]:
    cause, now = ledger.Cause(CAUSE, one.id, f"{CAUSE}:{one.id}"), clock.now()
    if points.hold_id is not None:
        # The wallets of this account are locked already: a hold of another account must not be locked after them.
        if not Hold.objects.filter(pk=points.hold_id, account_id=one.account_id).exists():
            raise NotFound()
        return ledger.capture(ledger.lock_hold(points.hold_id), points.units, cause=cause, at=now), 0
    wallet_id = ledger.wallet_of(one.account_id, points.point_type_id, points.units)
    if points.is_offline:
        return ledger.spend_into_debt(wallet_id, points.units, cause=cause, at=one.at, now=now)
    return ledger.spend(wallet_id, points.units, cause=cause, at=now), 0


def give_back_points(judged: Sequence["JudgedReturn"]) -> None:
    """Give back the share of the points that paid for what was returned, and note it on the returns.

    So far = points x amount returned so far / amount, rounded down; this return gives the increase, to the lots that the
    points came from, the last taken first. What is left to pay back is money.
    """
    for one in judged:
        payment = one.original.outcome.get(CAUSE)
        if payment is None:
            continue
        before, before_amount = one.paid_back, sum(line.returned_amount for line in one.lines.values())
        returned = sum(line.amount for line in one.lines.values()) - sum(line.paid for line in one.reversal.kept)
        so_far = _share(payment["points"], returned, one.purchase.amount, is_all=not one.reversal.kept)
        points = so_far - before
        entry_id = _give_back(one, payment, points, before) if points else None
        money = returned - before_amount
        if payment["way"] == PAYMENT:
            money -= _worth(payment, so_far) - _worth(payment, before)
        one.payback = {
            "type": payment["type"], "points": points, "so_far": so_far, "money": money, "entry": entry_id,
        }  # fmt: skip


def _share(points: int, returned: int, amount: int, *, is_all: bool) -> int:
    if is_all:
        return points
    return points * returned // amount if amount else 0


def _worth(payment: Mapping[str, Any], points: int) -> int:
    return int(payment["value"]) * points // int(payment["points"])


def _give_back(one: "JudgedReturn", payment: Mapping[str, Any], points: int, before: int) -> int:
    cause = ledger.Cause(BACK, one.row.pk, f"{BACK}:{one.row.pk}")
    paid = Entry.objects.get(pk=payment["entry"])
    return int(ledger.give_back_part(paid, points, already=before, cause=cause, at=one.row.occurred_at).pk)
