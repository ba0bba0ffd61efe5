"""The ledger over HTTP: balance, lots, corrections, statements, credit, export."""

from members.ledger.api.books import (
    AdjustmentsView,
    BalanceView,
    CsvRenderer,
    LedgerExportView,
    LotsView,
    TransfersView,
    balance_document,
    buckets_of,
)
from members.ledger.api.credit import CreditView
from members.ledger.api.sales import (
    SaleCancelView,
    SalePaymentView,
    SaleQuoteView,
    SaleRefundView,
    SalesView,
    SaleView,
)
from members.ledger.api.statements import StatementView

__all__ = [
    "AdjustmentsView",
    "BalanceView",
    "CreditView",
    "CsvRenderer",
    "LedgerExportView",
    "LotsView",
    "SaleCancelView",
    "SalePaymentView",
    "SaleQuoteView",
    "SaleRefundView",
    "SaleView",
    "SalesView",
    "StatementView",
    "TransfersView",
    "balance_document",
    "buckets_of",
]
