"""Addresses of the reward catalog under ``/admin/rewards/``."""

from django.urls import path

from rewards.catalog import pages

urlpatterns = [path("pictures/<uuid:file_id>/", pages.show_picture, name="reward-picture")]
