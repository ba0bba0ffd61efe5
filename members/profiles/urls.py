"""Addresses of members under ``/api/v1/``."""

from django.urls import path

from members.profiles import api

urlpatterns = [
    path("members", api.MembersView.as_view(), name="api-members"),
    path("members/<str:identity>", api.MemberView.as_view(), name="api-member"),
    path("members/<str:identity>/identifiers", api.IdentifiersView.as_view(), name="api-member-identifiers"),
]
