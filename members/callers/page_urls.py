"""Addresses of opening and checking under ``/admin/callers/``."""

from django.urls import path

from members.callers.pages import checking, opening

urlpatterns = [
    path("<uuid:member_id>/open/", opening.open_member, name="member-open"),
    path("<uuid:member_id>/check/", checking.check_caller, name="caller-check"),
]
