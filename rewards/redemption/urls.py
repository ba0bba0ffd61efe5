"""Addresses of redemptions under ``/admin/redemptions/``."""

from django.urls import path

from rewards.redemption.pages import redeem

urlpatterns = [
    path("members/<uuid:member_id>/rewards/<uuid:reward_id>/", redeem.redeem, name="redemption-make"),
    path("<uuid:redemption_id>/cancel/", redeem.cancel, name="redemption-cancel"),
]
