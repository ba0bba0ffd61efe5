"""Addresses of vouchers under ``/admin/vouchers/``."""

from django.urls import path

from rewards.vouchers import pages

urlpatterns = [path("<uuid:voucher_id>/withdraw/", pages.withdraw, name="voucher-withdraw")]
