"""Addresses of the promotions' pages, below /admin/promotions/."""

from django.urls import path

from programs.promotions import pages

urlpatterns = [
    path("", pages.promotions, name="promotions"),
    path("<str:code>/", pages.promotion, name="promotion"),
    path("<str:code>/stop/", pages.stop, name="promotion-stop"),
]
