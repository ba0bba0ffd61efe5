"""Addresses of tills under ``/api/v1/``."""

from django.urls import path

from members.till.api import asking, operations, reservations

urlpatterns = [
    path("quotes", asking.QuotesView.as_view(), name="api-quotes"),
    path("reservations", reservations.ReservationsView.as_view(), name="api-reservations"),
    path(
        "reservations/<uuid:reservation_id>/capture", reservations.CaptureView.as_view(), name="api-reservation-capture"
    ),
    path(
        "reservations/<uuid:reservation_id>/cancel", reservations.ReleaseView.as_view(), name="api-reservation-cancel"
    ),
    path("till/identify", asking.IdentifyView.as_view(), name="api-till-identify"),
    path("till/sessions", operations.SessionsView.as_view(), name="api-till-sessions"),
    path("till/sessions/<uuid:session_id>/commit", operations.CommitView.as_view(), name="api-till-commit"),
    path("till/sessions/<uuid:session_id>/cancel", operations.CancelView.as_view(), name="api-till-cancel"),
    path("till/sessions/<uuid:session_id>/void", operations.VoidView.as_view(), name="api-till-void"),
    path("till/receipts", operations.ReceiptsView.as_view(), name="api-till-receipts"),
    path("till/refunds", operations.RefundsView.as_view(), name="api-till-refunds"),
    path("till/operations", operations.BatchesView.as_view(), name="api-till-operations"),
    path("till/config/<str:till>", asking.ConfigView.as_view(), name="api-till-config"),
]
