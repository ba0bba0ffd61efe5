"""Addresses of the promotions' pages, below /admin/promotions/."""

from django.urls import path

from programs.promotions import pages

urlpatterns = [
    path("", pages.promotions, name="promotions"),
    path("new/", pages.begin, name="promotion-new"),
    path("pick/<slug:kind>/", pages.pick, name="promotion-pick"),
    path("<str:code>/", pages.promotion, name="promotion"),
    path("<str:code>/design/", pages.design, name="promotion-design"),
    path("<str:code>/compare/", pages.compare, name="promotion-compare"),
    path("<str:code>/do/<slug:deed>/", pages.act, name="promotion-act"),
]
