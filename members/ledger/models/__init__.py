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
from members.ledger.models.lots import EarnedDay, Lot, LotEnd, LotState, LotUse
from members.ledger.models.prices import CapPeriod, ConversionRate, PriceKind, PriceList, PriceStep
from members.ledger.models.sales import PointSale, SaleKind, SaleState
from members.ledger.models.seals import EntrySeal
from members.ledger.models.warnings import EndWarned, EndWarning

__all__ = [
    "HOLDING_KINDS",
    "SIDE_BUCKETS",
    "WALLET_BUCKETS",
    "AdjustmentRequest",
    "Breach",
    "Bucket",
    "CapPeriod",
    "ConversionRate",
    "EarnedDay",
    "EndWarned",
    "EndWarning",
    "Entry",
    "EntryKind",
    "EntrySeal",
    "Hold",
    "HoldState",
    "Lot",
    "LotEnd",
    "LotState",
    "LotUse",
    "PointSale",
    "Posting",
    "PriceKind",
    "PriceList",
    "PriceStep",
    "RequestState",
    "SaleKind",
    "SaleState",
    "TierCredit",
    "Wallet",
]
