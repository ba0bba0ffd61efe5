"""Every address of the product."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.defaults import page_not_found, server_error
from django.views.generic import RedirectView

from loyalty.kernel import health
from loyalty.kernel.api import problems

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 as the reader expects it: a problem for machines, a page for people."""
    if request.path_info.startswith("/api/"):
        return problems.respond(404, "not_found")
    return page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500 likewise."""
    if request.path_info.startswith("/api/"):
        return problems.respond(500, "server_error")
    return server_error(request)


handler404 = not_found
handler500 = failed
