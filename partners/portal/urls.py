"""Addresses of the partner portal, below /portal/."""

from django.contrib.auth.decorators import login_required
from django.urls import path, reverse_lazy

from loyalty.kernel.pages import views
from partners.portal import pages

# Django's view leads strangers to the login of the staff.
own_login = login_required(login_url=reverse_lazy("portal-login"))

urlpatterns = [
    path("", pages.home, name="portal-home"),
    path("login/", pages.Login.as_view(), name="portal-login"),
    path("logout/", pages.Logout.as_view(), name="portal-logout"),
    path("password/", own_login(pages.Password.as_view()), name="portal-password"),
    path("language/", views.choose_language, name="portal-language"),
    path("purchases/", pages.purchases, name="portal-purchases"),
    path("statements/", pages.statements, name="portal-statements"),
    path("statements/<int:year>-<int:month>.<slug:file_format>", pages.download, name="portal-statement"),
]
