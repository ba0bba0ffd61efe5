"""Stock, within the caller's transaction and after the wallet's lock."""

import secrets
from collections.abc import Mapping

from django.db.models import F

from loyalty.kernel.errors import NotFound, Refusal
from members.ledger import operations as ledger
from members.ledger.plans import WalletView
from rewards.catalog.models import Reward

# Letters and digits that nobody confuses on a screen or on the phone.
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 10


class RewardUnavailable(Refusal):
    """Sold out or not on sale."""

    code = "rewards.unavailable"
    status = 409


def lock_reward(reward_id: int) -> Reward:
    """The reward with its point type, locked against other takers of its stock.

    :raises NotFound: no such reward in this program.
    """
    rows = Reward.objects.select_for_update(no_key=True, of=("self",)).select_related("point_type")
    locked = rows.filter(pk=reward_id).first()
    if locked is None:
        raise NotFound()
    return locked


def take_stock(reward: Reward, quantity: int) -> None:
    """Take units of a locked reward.

    :raises RewardUnavailable: fewer are left.
    """
    if reward.stock is None:
        return
    if reward.stock < quantity:
        raise RewardUnavailable(reward=reward.code, left=reward.stock)
    Reward.objects.filter(pk=reward.pk).update(stock=F("stock") - quantity)


def put_back(reward_id: int, quantity: int) -> None:
    """Put canceled units back."""
    Reward.objects.filter(pk=reward_id, stock__isnull=False).update(stock=F("stock") + quantity)


def wallet_for(reward: Reward, wallets: Mapping[int, WalletView], price: int) -> WalletView:
    """The wallet that pays for a reward, of an account's locked ``wallets`` by point type.

    :raises ledger.InsufficientPoints: the account never had points of its type: wallets open when points first come.
    """
    kind = reward.point_type_id
    if kind not in wallets:
        raise ledger.InsufficientPoints(available=ledger.in_points(0, kind), needed=ledger.in_points(price, kind))
    return wallets[kind]


def new_code() -> str:
    """A fresh code to show at the counter, about 50 random bits."""
    return "".join(secrets.choice(_SIGNS) for _place in range(CODE_LENGTH))
