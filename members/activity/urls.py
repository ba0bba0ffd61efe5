"""Addresses of purchases and their history under ``/api/v1/``.

An external id may hold slashes (invoice numbers do), so the fixed addresses stand before it.
"""

from django.urls import path

from members.activity.api import events, history, offers, returns, tiers, transactions

urlpatterns = [
    path("transactions", transactions.TransactionsView.as_view(), name="api-transactions"),
    path("transactions/batch", transactions.TransactionBatchView.as_view(), name="api-transactions-batch"),
    path("transactions/<path:external_id>/returns/terms", returns.ReturnTermsView.as_view(), name="api-returnable"),
    path("transactions/<path:external_id>/returns/quote", returns.ReturnQuoteView.as_view(), name="api-return-quote"),
    path("transactions/<path:external_id>/returns", transactions.ReturnsView.as_view(), name="api-returns"),
    path("transactions/<path:external_id>", transactions.TransactionView.as_view(), name="api-transaction"),
    path("events", events.EventsView.as_view(), name="api-events"),
    path("members/<str:identity>/offers", offers.OffersView.as_view(), name="api-offers"),
    path("members/<str:identity>/tiers", tiers.TiersView.as_view(), name="api-tiers"),
    path("members/<str:identity>/history", history.HistoryView.as_view(), name="api-history"),
]
