"""Steps of the ledger that need an open transaction: locking wallets, writing plans."""

from members.ledger.operations.adjusting import adjust
from members.ledger.operations.granting import Burned, burn, grant
from members.ledger.operations.locking import (
    WalletFrozen,
    WalletMoved,
    lock_wallets,
    open_lots,
    open_wallets,
    wallets_of,
)
from members.ledger.operations.moves import Cause, InsufficientPoints, give_back, in_points, spend
from members.ledger.operations.posting import post

__all__ = [
    "Burned",
    "Cause",
    "InsufficientPoints",
    "WalletFrozen",
    "WalletMoved",
    "adjust",
    "burn",
    "give_back",
    "grant",
    "in_points",
    "lock_wallets",
    "open_lots",
    "open_wallets",
    "post",
    "spend",
    "wallets_of",
]
