"""Addresses of the segments' pages, below /admin/segments/."""

from django.urls import path

from members.segments import pages

urlpatterns = [
    path("", pages.segments, name="segments"),
    path("new/<slug:kind>/", pages.begin, name="segment-new"),
    path("<str:code>/", pages.segment, name="segment"),
    path("<str:code>/design/", pages.design, name="segment-design"),
    path("<str:code>/do/<slug:deed>/", pages.act, name="segment-act"),
    path("<str:code>/members/<uuid:member_id>/remove/", pages.remove, name="segment-remove"),
]
