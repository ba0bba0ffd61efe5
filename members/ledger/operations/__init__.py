"""Steps of the ledger that need an open transaction: locking wallets, writing plans."""

from members.ledger.operations.activating import activate_awaited, activation
from members.ledger.operations.adjusting import adjust
from members.ledger.operations.crediting import tier_limits
from members.ledger.operations.expiring import expire
from members.ledger.operations.granting import Burned, burn, grant
from members.ledger.operations.holding import (
    BeyondHold,
    HoldEnded,
    HoldLapsed,
    NewHold,
    capture,
    hold,
    lock_hold,
    release,
    wallet_of,
)
from members.ledger.operations.lapsing import lapsed_wallets, lots_to_spend, release_lapsed, reserved_but_free
from members.ledger.operations.locking import (
    WalletFrozen,
    WalletMoved,
    lock_accounts,
    lock_wallets,
    open_lots,
    open_wallets,
    wallets_of,
)
from members.ledger.operations.moves import Cause, InsufficientPoints, give_back, in_points, spend, spending
from members.ledger.operations.paying import give_back_part, spend_into_debt
from members.ledger.operations.posting import keep_alive, post

__all__ = [
    "BeyondHold",
    "Burned",
    "Cause",
    "HoldEnded",
    "HoldLapsed",
    "InsufficientPoints",
    "NewHold",
    "WalletFrozen",
    "WalletMoved",
    "activate_awaited",
    "activation",
    "adjust",
    "burn",
    "capture",
    "expire",
    "give_back",
    "give_back_part",
    "grant",
    "hold",
    "in_points",
    "keep_alive",
    "lapsed_wallets",
    "lock_accounts",
    "lock_hold",
    "lock_wallets",
    "lots_to_spend",
    "open_lots",
    "open_wallets",
    "post",
    "release",
    "release_lapsed",
    "reserved_but_free",
    "spend",
    "spend_into_debt",
    "spending",
    "tier_limits",
    "wallet_of",
    "wallets_of",
]
