"""Addresses of partners' users under ``/admin/partners/``."""

from django.urls import path

from partners.registry import pages

urlpatterns = [path("people/", pages.people, name="partner-people")]
