"""Credit limits: how far below zero spending may bring an account. The next points earned repay a debt first."""

from collections.abc import Iterable
from datetime import datetime

from loyalty.kernel import audit, outbox
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations, queries
from members.ledger.models import Wallet
from members.ledger.operations import adjusting
from members.profiles import own
from members.profiles import queries as profiles
from members.profiles.models import Member
from programs.setup.models import PointType

CHANGED = outbox.declare("credit.changed")


class CreditInUse(Refusal):
    """The member owes more than the limit would be: a limit never makes a debt that is there too large."""

    code = "ledger.credit_in_use"
    status = 409
    field = "limit"


class NoCredit(Refusal):
    """Points of this type only count: nobody spends them, so nobody owes them."""

    code = "ledger.no_credit"
    field = "type"


def set_limit(*, member_id: int, point_type_id: int, limit: int, why: str, at: datetime) -> Wallet:
    """Let spending from the member's account go into debt up to ``limit`` smallest units; 0 ends the credit.

    The same limit again changes nothing and records nothing. Under the wallet's lock: a spending sees the old limit or the
    new one, and none is lowered below a debt that a spending at the same instant makes.

    :raises NotFound: no such member or point type here.
    :raises NoCredit: the type only counts.
    :raises CreditInUse: the debt is larger.
    :raises Malformed: below zero, or no reason.
    :raises own.OwnAccount: the user in scope takes part in the account.
    """
    wrong = [("limit", "out_of_range")] if limit < 0 else []
    wrong += [] if why.strip() else [("why", "required")]
    if wrong:
        raise Malformed(errors=wrong)
    with unit_of_work():
        point_type = PointType.objects.filter(pk=point_type_id, archived_at__isnull=True).first()
        if point_type is None or not Member.objects.filter(pk=member_id).exists():
            raise NotFound()
        if not point_type.is_spendable:
            raise NoCredit(point_type=point_type.code)
        account_id = profiles.primary_account(member_id)
        own.refuse_own(account_id)
        wallet = adjusting.open_wallet(account_id, point_type_id)
        view = operations.lock_wallets([wallet.pk])[wallet.pk]
        if view.debt > max(limit, operations.tier_limits(view.account_id).get(point_type_id, 0)):
            raise CreditInUse(debt=operations.in_points(view.debt, point_type_id))
        if view.credit_limit != limit:
            Wallet.objects.filter(pk=wallet.pk).update(credit_limit=limit)
            audit.record("credit.changed", wallet, changes={"credit_limit": (view.credit_limit, limit)}, reason=why)
            outbox.add(CHANGED, subject="wallet", subject_id=wallet.pk, at=at, account_id=view.account_id)
        wallet.credit_limit, wallet.debt, wallet.active = limit, view.debt, view.active
    return wallet


def in_force(wallets: Iterable[Wallet], account_id: int) -> dict[int, int]:
    """By point type: the higher of the own limit in the account's ``wallets`` and what its tiers give, smallest units."""
    own = {wallet.point_type_id: wallet.credit_limit for wallet in wallets}
    by_tier = operations.tier_limits(account_id)
    return {key: max(own.get(key, 0), by_tier.get(key, 0)) for key in own.keys() | by_tier.keys()}


def limits(account_id: int) -> dict[str, int]:
    """The limits in force for an account, its own or its tiers', by code of the point types that can be spent."""
    return {held.point_type: limit for held, limit in queries.standing(account_id) if held.is_spendable}
