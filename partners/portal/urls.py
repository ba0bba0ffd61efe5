"""Addresses of the partner portal, below /portal/."""

from django.urls import path

from loyalty.kernel.pages import views
from loyalty.kernel.pages.security import urls as security
from partners.portal import pages, people

urlpatterns = [
    path("", pages.home, name="portal-home"),
    path("login/", pages.Login.as_view(), name="portal-login"),
    path("logout/", pages.Logout.as_view(), name="portal-logout"),
    path("language/", views.choose_language, name="portal-language"),
    *security.patterns("portal-"),
    path("people/", people.people, name="portal-people"),
    path("people/change/", people.change_people, name="portal-people-change"),
    path("purchases/", pages.purchases, name="portal-purchases"),
    path("statements/", pages.statements, name="portal-statements"),
    path("statements/<int:year>-<int:month>.<slug:file_format>", pages.download, name="portal-statement"),
]
