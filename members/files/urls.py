"""Addresses of files under ``/api/v1/``."""

from django.urls import path

from members.files import api

urlpatterns = [
    path("files/purchases", api.FilesView.as_view(), name="api-files"),
    path("files/purchases/<uuid:file_id>", api.FileView.as_view(), name="api-file"),
    path("files/purchases/<uuid:file_id>/rejects", api.FileRejectsView.as_view(), name="api-file-rejects"),
    path("files/purchases/<uuid:file_id>/stop", api.FileStopView.as_view(), name="api-file-stop"),
    path("files/purchases/<uuid:file_id>/resume", api.FileResumeView.as_view(), name="api-file-resume"),
]
