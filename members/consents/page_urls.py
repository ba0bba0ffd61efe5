"""Addresses of consents under ``/admin/consents/``."""

from django.urls import path

from members.consents.pages import change

urlpatterns = [
    path("members/<uuid:member_id>/<slug:purpose>/", change.change, name="consent-change"),
]
