"""Addresses of pages about what members did under ``/admin/flags/``."""

from django.urls import path

from members.activity.pages import flags

urlpatterns = [path("<uuid:flag_id>/clear/", flags.clear, name="flag-clear")]
