"""The reader's own exports: how far they are, and their files."""

import uuid

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from loyalty.kernel import audit, files, jobs, wording
from loyalty.kernel.errors import NotFound
from loyalty.kernel.exports.services import JOB_KIND
from loyalty.kernel.models import Job, StoredFile
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.paging import Part

EXPORTS_A_PART = 12


def _own(request: HttpRequest) -> "QuerySet[Job]":
    chosen = getattr(request, "program_id", None)
    return Job.objects.filter(kind=JOB_KIND, requested_by_id=request.user.pk, program_id=chosen)


def _find(request: HttpRequest, public_id: uuid.UUID) -> Job:
    job = _own(request).filter(public_id=public_id).first()
    if job is None:
        raise Http404
    return job


def _rows(request: HttpRequest) -> dict[str, object]:
    part = Part(_own(request), ("-id",), request, EXPORTS_A_PART)
    kept = StoredFile.objects.filter(public_id__in=[job.result["file"] for job in part.rows if "file" in job.result])
    by_id = {str(file.public_id): file for file in kept}
    return {
        "exports": [
            {
                "job": job,
                "title": menu.name_of(apps.get_model(job.arguments["list"])),
                "file": by_id.get(job.result.get("file", "")),
                "problem": wording.sentence(job.problem, job.result.get("facts", {})) if job.problem else "",
            }
            for job in part.rows
        ],
        "is_working": any(not job.is_finished for job in part.rows),
        **part.links(request),
    }


@require_GET
@staff.staff_page_for_everybody
def exports(request: HttpRequest) -> HttpResponse:
    """What the reader asked for; the list alone while something is being made."""
    is_part = request.headers.get("X-Requested-With") == "fetch"
    return staff.show(
        request,
        "kernel/_exports.html" if is_part else "kernel/exports.html",
        _rows(request),
        title=_("Your exports"),
        help_text=_("Lists that you asked for as files. Only you can fetch them; each is kept for seven days."),
    )


@require_POST
@staff.staff_page_for_everybody
def stop(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Stop an export that is being made."""
    jobs.stop(_find(request, public_id))
    return redirect("exports")


@require_GET
@staff.staff_page_for_everybody
def download(request: HttpRequest, public_id: uuid.UUID) -> StreamingHttpResponse:
    """The file, for whoever asked for it and still may see the list; each download is recorded."""
    job = _find(request, public_id)
    model_admin = admin.site._registry[apps.get_model(job.arguments["list"])]
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    try:
        stored = files.find(uuid.UUID(job.result.get("file", "")))
        content = files.read(stored)
    except (ValueError, NotFound) as problem:
        raise Http404 from problem
    audit.record("export.downloaded", job, changes={"file": (None, stored.name)})
    response = StreamingHttpResponse(content, content_type=stored.content_type)
    response["Content-Length"] = str(stored.size)
    # Our own names: letters, digits, dots and dashes only.
    response["Content-Disposition"] = f'attachment; filename="{stored.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
