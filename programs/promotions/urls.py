"""Addresses of promotions under ``/api/v1/``."""

from django.urls import path

from programs.promotions import api

urlpatterns = [path("promotions/trial", api.TrialView.as_view(), name="api-trial")]
