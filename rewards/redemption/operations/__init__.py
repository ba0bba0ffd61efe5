"""Steps of redemptions that need an open transaction: taking rewards, and their stock."""

from rewards.redemption.operations.redeeming import (
    Earlier,
    MemberInactive,
    NotSpendable,
    Redeemed,
    Wanted,
    redeem,
)
from rewards.redemption.operations.stock import RewardUnavailable, put_back

__all__ = ["Earlier", "MemberInactive", "NotSpendable", "Redeemed", "RewardUnavailable", "Wanted", "put_back", "redeem"]
