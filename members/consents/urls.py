"""Addresses of consents under ``/api/v1/``."""

from django.urls import path

from members.consents import api

urlpatterns = [
    path("members/<str:identity>/consents", api.ConsentsView.as_view(), name="api-consents"),
]
