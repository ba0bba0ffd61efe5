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
    path("exports/ledger", api.LedgerExportView.as_view(), name="api-ledger-export"),
]
