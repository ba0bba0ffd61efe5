"""Taking rewards and giving them back."""

from datetime import datetime

from loyalty.kernel import audit, outbox
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.callers import services as callers
from members.ledger import operations as ledger
from members.ledger.models import Wallet
from members.profiles import own, restraining
from rewards.redemption import operations, queries
from rewards.redemption.models import Redemption, RedemptionState

REDEEMED = outbox.declare("reward.redeemed")
CANCELED = outbox.declare("redemption.canceled")
MOST_AT_ONCE = 100


class NotSpendable(Refusal):
    """Points of this type only count, they cannot be spent."""

    code = "rewards.not_spendable"


class MemberInactive(Refusal):
    """The member is blocked."""

    code = "rewards.member_inactive"
    status = 409


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

    A repeated ``request_key`` returns the first redemption and spends nothing. Lock order: wallet, then stock.

    :raises NotFound: no such member or reward here.
    :raises operations.RewardUnavailable: sold out or off sale at ``at``.
    :raises ledger.InsufficientPoints: the wallet cannot pay.
    :raises NotSpendable: the reward's point type cannot be spent.
    :raises callers.CallerUnchecked: a person takes it for a member whose call was not checked.
    :raises restraining.ContactChangedRecently: the member's e-mail or phone changed lately.
    :raises own.OwnAccount: the user in scope takes part in the account.
    """
    if not 1 <= quantity <= MOST_AT_ONCE:
        raise Malformed(errors=[("quantity", "out_of_range")])
    with unit_of_work(preview=preview):
        payer = queries.payer(member_id)
        account_id = payer.account_id
        # Every wallet of the account is locked before the stock: its point type is known from the reward only.
        wallets = ledger.lock_account(account_id)
        if earlier := queries.made_by(request_key):
            return earlier
        if not payer.is_active:
            raise MemberInactive()
        if not preview:
            callers.demand_check(member_id, at=at)
        restraining.refuse_held(member_id, at=at)
        own.refuse_own(account_id)
        reward = operations.lock_reward(reward_id)
        if not reward.is_on_sale(at):
            raise operations.RewardUnavailable(reward=reward.code, left=0)
        if not reward.point_type.is_spendable:
            raise NotSpendable(point_type=reward.point_type.code)
        operations.take_stock(reward, quantity)
        price = reward.price * quantity
        cause = ledger.Cause("redemption", None, f"redemption:{request_key}")
        entry_id = ledger.spend_locked(operations.wallet_for(reward, wallets, price), price, cause=cause, at=at)
        redemption = Redemption.objects.create(
            member_id=member_id, account_id=account_id, reward=reward, quantity=quantity, price=price,
            code=operations.new_code(), channel=channel, partner_id=reward.partner_id, request_key=request_key,
            entry_id=entry_id, redeemed_at=at,
        )  # fmt: skip
        audit.record("reward.redeemed", redemption, changes={"price": (0, price)})
        outbox.add(REDEEMED, subject="redemption", subject_id=redemption.pk, at=at, account_id=account_id)
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
