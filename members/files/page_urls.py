"""Addresses of the pages about files of purchases, under ``/admin/files/``."""

from django.urls import path

from members.files import pages

urlpatterns = [
    path("", pages.purchase_files, name="purchase-files"),
    path("<uuid:file_id>/", pages.purchase_file, name="purchase-file"),
    path("<uuid:file_id>/rejects/", pages.rejects, name="purchase-file-rejects"),
    path("<uuid:file_id>/stop/", pages.stop, name="purchase-file-stop"),
    path("<uuid:file_id>/resume/", pages.resume, name="purchase-file-resume"),
]
