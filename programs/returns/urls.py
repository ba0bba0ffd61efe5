"""Addresses of terms of return under ``/api/v1/``."""

from django.urls import path

from programs.returns import api

urlpatterns = [path("return-terms", api.TermsView.as_view(), name="api-return-terms")]
