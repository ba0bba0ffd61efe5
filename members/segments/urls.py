"""Addresses of segments under ``/api/v1/``."""

from django.urls import path

from members.segments import api

urlpatterns = [
    path("segments", api.SegmentsView.as_view(), name="api-segments"),
    path("segments/<str:code>/members", api.SegmentMembersView.as_view(), name="api-segment-members"),
    path("segments/<str:code>/refresh", api.SegmentRefreshView.as_view(), name="api-segment-refresh"),
]
