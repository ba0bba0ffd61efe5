"""Addresses of the ledger under ``/api/v1/``."""

from django.urls import path

from members.ledger import api

urlpatterns = [
    path("members/<str:identity>/balance", api.BalanceView.as_view(), name="api-balance"),
    path("members/<str:identity>/statement", api.StatementView.as_view(), name="api-statement"),
    path("members/<str:identity>/credit-limit", api.CreditView.as_view(), name="api-credit-limit"),
    path("members/<str:identity>/lots", api.LotsView.as_view(), name="api-lots"),
    path("adjustments", api.AdjustmentsView.as_view(), name="api-adjustments"),
    path("transfers", api.TransfersView.as_view(), name="api-transfers"),
    path("point-sales", api.SalesView.as_view(), name="api-point-sales"),
    path("point-sales/quote", api.SaleQuoteView.as_view(), name="api-point-sale-quote"),
    path("point-sales/<uuid:sale_id>", api.SaleView.as_view(), name="api-point-sale"),
    path("point-sales/<uuid:sale_id>/payment", api.SalePaymentView.as_view(), name="api-point-sale-payment"),
    path("point-sales/<uuid:sale_id>/refund", api.SaleRefundView.as_view(), name="api-point-sale-refund"),
    path("point-sales/<uuid:sale_id>/cancel", api.SaleCancelView.as_view(), name="api-point-sale-cancel"),
    path("exports/ledger", api.LedgerExportView.as_view(), name="api-ledger-export"),
]
