"""Corrections above an agent's limit: asked for by one person, decided by another."""

from datetime import datetime

from loyalty.kernel import audit, outbox, scope
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations
from members.ledger.models import AdjustmentRequest, RequestState
from members.ledger.operations import adjusting
from members.ledger.operations.adjusting import Adjustment
from members.profiles import own
from members.profiles import queries as profiles

ASKED = outbox.declare("adjustment.requested")
APPROVED = outbox.declare("adjustment.approved")
REJECTED = outbox.declare("adjustment.rejected")


class OwnRequest(Refusal):
    """Nobody decides what they asked for themselves."""

    code = "ledger.own_request"
    status = 403


class AlreadyDecided(Refusal):
    """Somebody else has decided it meanwhile."""

    code = "ledger.already_decided"
    status = 409


class ReasonMissing(Refusal):
    """A rejection says why."""

    code = "ledger.decision_reason"
    field = "reason"


def request_adjustment(
    *, member_id: int, point_type_id: int, amount: int, reason_id: int, note: str, request_key: str, at: datetime
) -> AdjustmentRequest:
    """Ask for a correction of a member's account that is above the actor's limit. Moves nothing.

    A repeated ``request_key`` returns the first request.

    :raises NotFound: no such member, point type or reason here.
    :raises adjusting.ReasonRefused: the reason is not for this point type or direction.
    :raises adjusting.NothingToDo: by zero.
    :raises own.OwnAccount: the user in scope takes part in the account.
    """
    with unit_of_work():
        account_id = profiles.primary_account(member_id)
        own.refuse_own(account_id)
        wallet = adjusting.open_wallet(account_id, point_type_id)
        reason = adjusting.check_reason(
            Adjustment(account_id, point_type_id, amount, reason_id, note), is_unlimited=True
        )
        # The wallet's lock makes two of the same key take turns.
        operations.lock_wallets([wallet.pk])
        if earlier := AdjustmentRequest.objects.filter(request_key=request_key).first():
            return earlier
        actor = scope.actor()
        asked: AdjustmentRequest = AdjustmentRequest.objects.create(
            account_id=account_id, member_id=member_id, point_type_id=point_type_id, reason=reason, amount=amount,
            note=note, request_key=request_key, asker_kind=actor.kind, asker_id=actor.id, asker_label=actor.label,
        )  # fmt: skip
        asked.refresh_from_db()
        audit.record("adjustment.requested", asked, changes={"amount": (0, amount)}, reason=note)
        outbox.add(ASKED, subject="adjustment_request", subject_id=asked.pk, at=at, account_id=account_id)
    return asked


def approve_adjustment(*, request_id: int, note: str, at: datetime) -> AdjustmentRequest:
    """Approve a request: the correction is posted now, in the same transaction.

    :raises NotFound: no such request here.
    :raises OwnRequest: the actor asked for it.
    :raises AlreadyDecided: it was decided before.
    :raises own.OwnAccount: the user in scope takes part in the account.
    :raises operations.InsufficientPoints: less is there than would be taken; the request waits on.
    """
    with unit_of_work():
        asked = _locked(request_id)
        wanted = Adjustment(asked.account_id, asked.point_type_id, asked.amount, asked.reason_id, asked.note)
        key = f"request:{asked.pk}"
        asked.entry = operations.adjust(wanted, request_key=key, is_unlimited=True, at=at)
        _decide(asked, RequestState.APPROVED, note, at)
        outbox.add(APPROVED, subject="adjustment_request", subject_id=asked.pk, at=at, account_id=asked.account_id)
    return asked


def reject_adjustment(*, request_id: int, note: str, at: datetime) -> AdjustmentRequest:
    """Reject a request with the reason why; nothing moves.

    :raises NotFound: no such request here.
    :raises ReasonMissing: without a reason.
    :raises OwnRequest: the actor asked for it.
    :raises AlreadyDecided: it was decided before.
    """
    if not note.strip():
        raise ReasonMissing()
    with unit_of_work():
        asked = _locked(request_id)
        _decide(asked, RequestState.REJECTED, note, at)
        outbox.add(REJECTED, subject="adjustment_request", subject_id=asked.pk, at=at, account_id=asked.account_id)
    return asked


def _locked(request_id: int) -> AdjustmentRequest:
    """The request, locked for its decision; the wallet, if it moves, is locked before."""
    found = AdjustmentRequest.objects.filter(pk=request_id).first()
    if found is None:
        raise NotFound()
    wallet = adjusting.open_wallet(found.account_id, found.point_type_id)
    operations.lock_wallets([wallet.pk])
    asked: AdjustmentRequest = AdjustmentRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.pk)
    actor = scope.actor()
    if (asked.asker_kind, asked.asker_id) == (actor.kind, actor.id):
        raise OwnRequest()
    if asked.state != RequestState.WAITING:
        raise AlreadyDecided(state=asked.get_state_display(), by=asked.decider_label)
    return asked


def _decide(asked: AdjustmentRequest, state: RequestState, note: str, at: datetime) -> None:
    actor = scope.actor()
    asked.state, asked.decision_note, asked.decided_at = state, note, at
    asked.decider_kind, asked.decider_id, asked.decider_label = actor.kind, actor.id, actor.label
    asked.save(
        update_fields=[
            "state", "decision_note", "decided_at", "decider_kind", "decider_id", "decider_label", "entry"
        ]
    )  # fmt: skip
    audit.record(f"adjustment.{state}", asked, changes={"state": (RequestState.WAITING, state)}, reason=note)
