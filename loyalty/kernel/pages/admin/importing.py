"""Rows of a list from a file: upload, look, confirm."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel import clock, files, proposals, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.imports import services
from loyalty.kernel.imports.reading import LARGEST_BYTES, MOST_ROWS
from loyalty.kernel.imports.resources import ProgramResource
from loyalty.kernel.imports.services import ImportRefused, Plan
from loyalty.kernel.models import StoredFile
from loyalty.kernel.pages import figures, staff
from loyalty.kernel.pages.admin.configuring import ProgramAdmin

UPLOAD_KEPT_FOR = timedelta(days=1)
LINES_SHOWN = 200


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("File"), widget=forms.FileInput({"accept": ".csv,.xlsx"}),
    )  # fmt: skip

    def clean_file(self) -> Any:
        """Not larger than a page may take."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_BYTES:
            raise forms.ValidationError(wording.sentence("imports.too_large", {"megabytes": LARGEST_BYTES >> 20}))
        return file


class ImportingAdmin(ProgramAdmin):
    """Configuration that also comes from files; ``resource`` says what a line is made of."""

    resource: type[ProgramResource]
    second_person: str = ""
    """The kind of proposal (``loyalty.kernel.proposals``) that a file becomes, where a second person decides on it."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("import/<uuid:file_id>/", view(self.confirm_import_view), name=f"{name}_import_confirm"),
            *super().get_urls(),
        ]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whoever adds rows by hand may add them from a file."""
        return self.has_add_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        offered = {"has_import_permission": self.has_import_permission(request)}
        return super().changelist_view(request, {**offered, **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form, and what the uploaded file would do."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return self._show(request, form, status=200 if request.method != "POST" else 400)
        upload = form.cleaned_data["file"]
        try:
            files.check_quota(upload)
            plan = services.plan_import(self.resource, upload, upload.name)
        except Refusal as refusal:
            form.add_error("file", wording.sentence(refusal.code, refusal.facts))
            return self._show(request, form, status=400)
        if plan.problems:
            return self._show(request, form, plan=plan, status=400)
        upload.seek(0)
        user: Any = request.user
        stored = files.store(
            upload, kind=self._kind, name=upload.name[-200:], content_type="application/octet-stream",
            expires_at=clock.now() + UPLOAD_KEPT_FOR, user=user,
        )  # fmt: skip
        return self._show(request, form, plan=plan, stored=stored)

    def confirm_import_view(self, request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
        """Take in the file that was looked at, if it still makes sense."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_import_permission(request):
            raise PermissionDenied
        try:
            stored = files.find(file_id)
        except NotFound as refusal:
            raise Http404 from refusal
        if stored.kind != self._kind or stored.requested_by_id != request.user.pk:
            raise Http404
        try:
            if self.second_person:
                return self._ask(request, stored)
            plan = services.import_file(self.resource, stored)
        except ImportRefused as refusal:
            return self._show(request, UploadForm(), plan=refusal.plan, status=409)
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
            return HttpResponseRedirect(self.address("import"))
        done = {"added": figures.count(plan.added), "changed": figures.count(plan.changed)}
        messages.success(request, _("Imported. Added: %(added)s. Changed: %(changed)s.") % done)
        return HttpResponseRedirect(self.address("changelist"))

    def _ask(self, request: HttpRequest, stored: StoredFile) -> HttpResponse:
        """Keep the file until it is decided and ask somebody else; nothing is taken in yet."""
        with files.open_content(stored) as content:
            plan = services.plan_import(self.resource, content, stored.name)
        if plan.problems:
            return self._show(request, UploadForm(), plan=plan, status=409)
        StoredFile.objects.filter(pk=stored.pk).update(expires_at=None)
        wanted = {"file": str(stored.public_id), "name": stored.name, "added": plan.added, "changed": plan.changed}
        proposals.propose(self.second_person, wanted, note="", at=clock.now())
        messages.success(request, _("Asked for. Somebody else decides; nothing has been imported yet."))
        return HttpResponseRedirect(self.address("changelist"))

    @property
    def _kind(self) -> str:
        return f"import-{self.opts.model_name}"

    def _show(
        self,
        request: HttpRequest,
        form: UploadForm,
        *,
        plan: Plan | None = None,
        stored: StoredFile | None = None,
        status: int = 200,
    ) -> HttpResponse:
        fields = [(name, self.model._meta.get_field(name)) for name in self.resource._meta.fields]
        context = {
            "form": form,
            "plan": plan,
            "is_asked": bool(self.second_person),
            "lines": plan.lines[:LINES_SHOWN] if plan else (),
            "problems": plan.problems[:LINES_SHOWN] if plan else (),
            "lines_shown": LINES_SHOWN,
            "confirm": reverse(
                f"admin:{self.opts.app_label}_{self.opts.model_name}_import_confirm", args=[stored.public_id]
            )
            if stored
            else "",
            "columns": [(name, field.verbose_name, self.resource.help_texts.get(name, "")) for name, field in fields],
            "key": self.resource.key,
        }
        crumbs = [(self.list_name, self.address("changelist"))]
        help_text = _(
            "A table with headings, as CSV (UTF-8) or XLSX, up to %(rows)s lines. You see what it does before anything "
            "is changed; then all of it is done, or nothing."
        ) % {"rows": figures.count(MOST_ROWS)}
        return staff.show(
            request, "kernel/import.html", context, title=_("Import"), crumbs=crumbs, help_text=help_text, status=status
        )
