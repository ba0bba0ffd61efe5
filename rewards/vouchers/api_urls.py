"""Addresses of vouchers under ``/api/v1/``."""

from django.urls import path

from rewards.vouchers import api

urlpatterns = [
    path("members/<str:identity>/vouchers", api.MemberVouchersView.as_view(), name="api-member-vouchers"),
    path("vouchers/<str:code>", api.VoucherView.as_view(), name="api-voucher"),
    path("vouchers/<str:code>/use", api.VoucherUseView.as_view(), name="api-voucher-use"),
    path("vouchers/<str:code>/withdraw", api.VoucherWithdrawalView.as_view(), name="api-voucher-withdraw"),
]
