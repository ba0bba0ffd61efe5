"""Taking rewards and giving them back."""

from datetime import datetime

from loyalty.kernel import audit, outbox
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations as ledger
from members.ledger.models import Wallet
from rewards.catalog import queries as catalog
from rewards.redemption import operations, queries
from rewards.redemption.models import Redemption, RedemptionState

CANCELED = outbox.declare("redemption.canceled")
MOST_AT_ONCE = 100


class TooLateToCancel(Refusal):
    """The time for canceling is over."""

    code = "rewards.too_late_to_cancel"
    status = 409


class AlreadyCanceled(Refusal):
    """It was canceled before."""

    code = "rewards.already_canceled"
    status = 409


def redeem_reward(
    *,
    member_id: int,
    reward_id: int,
    quantity: int,
    request_key: str,
    channel: str,
    at: datetime,
    preview: bool = False,
) -> Redemption:
    """Spend points of the member's primary account on ``quantity`` units of a reward.

    A repeated ``request_key`` returns the first redemption and spends nothing. Lock order: wallets, then stock.

    :raises NotFound: no such member or reward here.
    :raises Refusal: as :func:`operations.redeem` says.
    """
    if not 1 <= quantity <= MOST_AT_ONCE:
        raise Malformed(errors=[("quantity", "out_of_range")])
    with unit_of_work(preview=preview):
        member, reward = queries.payer(member_id), catalog.priced([reward_id]).get(reward_id)
        if reward is None:
            raise NotFound()
        wanted = operations.Wanted(member, reward, quantity, request_key, channel, at)
        answer = operations.redeem([wanted], preview=preview)[0]
        if isinstance(answer, Refusal):
            raise answer
        redemption: Redemption = Redemption.objects.get(pk=answer.redemption_id)
    return redemption


def cancel_redemption(
    *, redemption_id: int, reason: str, request_key: str, at: datetime, preview: bool = False
) -> Redemption:
    """Cancel a redemption whole: points go back to the lots they came from, with their expiry; units go back to stock.

    A repeated ``request_key`` returns the first cancellation.

    :raises NotFound: no such redemption here.
    :raises AlreadyCanceled: it was canceled before, by another request.
    :raises TooLateToCancel: the time for canceling (``cancelable_days``) is over.
    """
    with unit_of_work(preview=preview):
        row = Redemption.objects.filter(pk=redemption_id).first()
        if row is None:
            raise NotFound()
        ledger.lock_wallets(Wallet.objects.filter(account_id=row.account_id).values_list("pk", flat=True))
        redemption = Redemption.objects.select_for_update(no_key=True, of=("self",)).get(pk=redemption_id)
        if redemption.state == RedemptionState.CANCELED and redemption.cancel_key == request_key:
            return redemption
        if redemption.state == RedemptionState.CANCELED:
            raise AlreadyCanceled()
        cancelable_for = queries.cancelable_for(redemption.member)
        if at > redemption.redeemed_at + cancelable_for:
            raise TooLateToCancel(days=cancelable_for.days)
        cause = ledger.Cause("redemption", redemption.pk, f"cancel:{redemption.pk}")
        redemption.cancel_entry = ledger.give_back(redemption.entry, cause=cause, at=at)
        redemption.state, redemption.canceled_at, redemption.cancel_reason = RedemptionState.CANCELED, at, reason
        redemption.cancel_key = request_key
        redemption.save(update_fields=["cancel_entry", "state", "canceled_at", "cancel_reason", "cancel_key"])
        operations.put_back(redemption.reward_id, redemption.quantity)
        audit.record("redemption.canceled", redemption, changes={"state": ("issued", "canceled")}, reason=reason)
        outbox.add(CANCELED, subject="redemption", subject_id=redemption.pk, at=at, account_id=redemption.account_id)
    return redemption
