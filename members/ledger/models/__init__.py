"""The ledger's tables. Written by ``members.ledger`` only; entries, postings and lot uses are added, never changed."""

from members.ledger.models.books import (
    HOLDING_KINDS,
    SIDE_BUCKETS,
    WALLET_BUCKETS,
    Bucket,
    Entry,
    EntryKind,
    Posting,
    Wallet,
)
from members.ledger.models.care import AdjustmentRequest, Breach, RequestState
from members.ledger.models.credits import TierCredit
from members.ledger.models.holds import Hold, HoldState
from members.ledger.models.lots import EarnedDay, Lot, LotState, LotUse
from members.ledger.models.seals import EntrySeal

__all__ = [
    "HOLDING_KINDS",
    "SIDE_BUCKETS",
    "WALLET_BUCKETS",
    "AdjustmentRequest",
    "Breach",
    "Bucket",
    "EarnedDay",
    "Entry",
    "EntryKind",
    "EntrySeal",
    "Hold",
    "HoldState",
    "Lot",
    "LotState",
    "LotUse",
    "Posting",
    "RequestState",
    "TierCredit",
    "Wallet",
]
