"""A list of the staff site as a file: the button of every list."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from loyalty.kernel.errors import Refusal
from loyalty.kernel.exports import services
from loyalty.kernel.pages import staff


class ExportingAdmin(ModelAdmin):
    """Gives its list an address that starts the export of the rows that the list's own address shows."""

    left_out_of_files: tuple[str, ...] = ()
    """Columns that only lead somewhere."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    @contextmanager
    def scope_of_list(self, request: HttpRequest) -> Iterator[None]:
        """The scope in which the rows of the list are read; the reader's own."""
        yield

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Start the job and lead to where its progress is seen."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request) or getattr(request, "program_id", None) is None:
            raise PermissionDenied
        user: Any = request.user
        try:
            services.request_export(
                model=self.model, query=request.GET.urlencode(), file_format=request.POST.get("format", ""), user=user
            )
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return HttpResponseRedirect(reverse("exports"))
