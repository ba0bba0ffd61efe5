"""Addresses of the report pages, below /admin/reports/."""

from django.urls import path

from reports.library import pages

urlpatterns = [
    path("", pages.library, name="reports"),
    path("runs/", pages.runs, name="reports-runs"),
    path("make/", pages.make, name="reports-make"),
    path("schedule/", pages.schedule, name="reports-schedule"),
    path("schedule/<uuid:public_id>/stop/", pages.stop_schedule, name="reports-schedule-stop"),
    path("<uuid:public_id>/stop/", pages.stop, name="reports-stop"),
    path("<uuid:public_id>/again/", pages.again, name="reports-again"),
    path("<uuid:public_id>/<slug:file_format>/", pages.download, name="reports-download"),
]
