"""The part of a member's page that shows what their points buy and what they took."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from loyalty.kernel import clock
from loyalty.kernel.registries import Panel
from members.ledger import credit
from members.ledger.models import Wallet
from members.profiles import queries as profiles
from members.profiles.models import Member
from rewards.catalog import queries as catalog
from rewards.catalog.models import Reward
from rewards.redemption import queries
from rewards.redemption.models import RedemptionState

LAST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward for one member: whether it can be taken now, else how many smallest units are missing."""

    reward: Reward
    missing: int

    @property
    def is_open(self) -> bool:
        """Whether it can be taken now."""
        return not self.missing and not self.reward.is_sold_out


def fill(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Rewards on sale, those that the member can take first, and what they took last."""
    now = clock.now()
    account_id = profiles.primary_account(member.pk)
    wallets = list(Wallet.objects.filter(account_id=account_id))
    limits = credit.in_force(wallets, account_id)
    can_pay = {one.point_type_id: one.active - one.debt + limits[one.point_type_id] for one in wallets}
    offers = [Offer(one, max(0, one.price - can_pay.get(one.point_type_id, 0))) for one in catalog.on_sale(now)]
    last = list(queries.last_of(member.pk, LAST_SHOWN))
    ends = now - queries.cancelable_for(member)
    cancelable = {one.pk for one in last if one.state == RedemptionState.ISSUED and one.redeemed_at >= ends}
    return {
        "open_offers": [one for one in offers if one.is_open],
        "other_offers": [one for one in offers if not one.is_open],
        "redemptions": last,
        "cancelable": cancelable,
    }


PANEL = Panel(page="member", position=100, template="redemption/_panel.html", fill=fill, permission="rewards.view")
