"""Addresses of rewards under ``/api/v1/``."""

from django.urls import path

from rewards.redemption import api

urlpatterns = [
    path("rewards", api.RewardsView.as_view(), name="api-rewards"),
    path("redemptions", api.RedemptionsView.as_view(), name="api-redemptions"),
    path("redemptions/<uuid:redemption_id>/cancel", api.CancellationView.as_view(), name="api-redemption-cancel"),
]
