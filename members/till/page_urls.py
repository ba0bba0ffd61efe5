"""Addresses of pages about reservations under ``/admin/reservations/``."""

from django.urls import path

from members.till import pages

urlpatterns = [
    path("settings/", pages.settings, name="till-settings"),
    path("<uuid:hold_id>/release/", pages.release, name="reservation-release"),
]
