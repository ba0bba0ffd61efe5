"""Every address of the product."""

import sys
from importlib import import_module

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.defaults import page_not_found, server_error
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from loyalty.kernel import health
from loyalty.kernel.api import problems
from loyalty.kernel.api.oauth import TokenView
from loyalty.kernel.exports import pages as exports
from loyalty.kernel.pages import chain, login, proposals, rights
from loyalty.kernel.pages import views as pages
from loyalty.kernel.pages.security import urls as security

_API: list[URLPattern | URLResolver] = [
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("oauth/token", TokenView.as_view(), name="api-token"),
]
# In one list: below an include of its own each part would be entered and left again on the way to those after it.
for _part in (
    "members.profiles.urls", "members.consents.urls", "members.ledger.urls", "members.activity.urls", "members.till.urls",
    "members.files.urls", "members.segments.urls", "rewards.redemption.api_urls", "rewards.vouchers.api_urls",
    "programs.promotions.urls", "programs.returns.urls",
):  # fmt: skip
    _API += import_module(_part).urlpatterns

urlpatterns = [
    # First, and under one prefix: a till does not wait while a hundred addresses of pages are compared.
    path("api/v1/", include(_API)),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="metrics"),
    path("language/", pages.choose_language, name="choose-language"),
    path("admin/login/", login.StaffLogin.as_view(), name="staff-login"),
    path("admin/", include(security.patterns())),
    # The framework's own page asks nobody to wait after wrong passwords.
    path("admin/password_change/", RedirectView.as_view(pattern_name="own-password"), name="password-change"),
    path("admin/password_change/done/", RedirectView.as_view(pattern_name="security"), name="password-changed"),
    path("admin/program/", pages.choose_program, name="choose-program"),
    path("admin/preferences/", pages.preferences, name="preferences"),
    path("admin/audit-chain/", chain.chain, name="audit-chain"),
    path("admin/decisions/", proposals.decisions, name="decisions"),
    path("admin/decisions/<uuid:proposal_id>/", proposals.decision, name="decision"),
    path("admin/roles/", rights.role_rights, name="role-rights"),
    path("admin/exports/", exports.exports, name="exports"),
    path("admin/exports/<uuid:public_id>/", exports.download, name="exports-download"),
    path("admin/exports/<uuid:public_id>/stop/", exports.stop, name="exports-stop"),
    path("admin/members/", include("members.desk.urls")),
    path("admin/callers/", include("members.callers.page_urls")),
    path("admin/consents/", include("members.consents.page_urls")),
    path("admin/flags/", include("members.activity.page_urls")),
    path("admin/reservations/", include("members.till.page_urls")),
    path("admin/files/", include("members.files.page_urls")),
    path("admin/rewards/", include("rewards.catalog.urls")),
    path("admin/redemptions/", include("rewards.redemption.urls")),
    path("admin/vouchers/", include("rewards.vouchers.urls")),
    path("admin/promotions/", include("programs.promotions.page_urls")),
    path("admin/what-if/", include("members.whatif.urls")),
    path("admin/segments/", include("members.segments.page_urls")),
    path("admin/ledger/", include("members.ledger.page_urls")),
    path("admin/partners/", include("partners.registry.page_urls")),
    path("admin/reports/", include("reports.library.urls")),
    path("admin/", admin.site.urls),
    path("portal/", include("partners.portal.urls")),
]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 as the reader expects it: a problem for machines, a page for people."""
    if request.path_info.startswith("/api/"):
        return problems.respond(404, "not_found")
    return page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500 likewise; where the database is away it is 503, for the same request will do later."""
    if request.path_info.startswith("/api/"):
        if problems.is_outage(sys.exc_info()[1]):
            return problems.unavailable()
        return problems.respond(500, "server_error")
    return server_error(request)


handler404 = not_found
handler500 = failed
