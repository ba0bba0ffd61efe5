"""The report pages: ask, watch, read, schedule."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from loyalty.kernel import audit, clock, files, jobs
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import User
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.paging import Part
from programs.setup.models import Program
from reports.library import queries, services
from reports.library.definitions import DEFINITIONS
from reports.library.forms import RequestForm, ScheduleForm

RUNS_A_PART = 12

menu.register(menu.MenuEntry(menu.OVERVIEW, 110, gettext_lazy("Reports"), "query_stats", "reports", "reports.view"))


def _title(report: str) -> Any:
    return DEFINITIONS[report].title if report in DEFINITIONS else report


def _rows(request: HttpRequest) -> dict[str, object]:
    part = Part(queries.runs(), ("-id",), request, RUNS_A_PART)
    return {
        # Files whose time is over leave their row behind, without the file.
        "runs": [(run, _title(run.report), [made for made in run.files.all() if made.file]) for run in part.rows],
        "is_working": any(run.job is not None and not run.job.is_finished for run in part.rows),
        **part.links(request),
    }


def _page(request: HttpRequest, form: RequestForm, schedule_form: ScheduleForm, status: int = 200) -> HttpResponse:
    context = {
        "definitions": DEFINITIONS.values(),
        "form": form,
        "schedule_form": schedule_form,
        "schedules": [(one, _title(one.report)) for one in queries.schedules()],
        **_rows(request),
    }
    return staff.show(
        request,
        "reports/library.html",
        context,
        title=_("Reports"),
        help_text=_("Every format shows the same figures, and every total can be traced to the ledger."),
        status=status,
    )


@require_GET
@staff.staff_page("reports.view")
def library(request: HttpRequest) -> HttpResponse:
    """The reports there are, what was made, and what comes by itself."""
    today = clock.today(Program.objects.get().zone)
    form = RequestForm.about(today)
    # A figure elsewhere leads here with its own report and days.
    form.initial.update({name: request.GET[name] for name in ("report", "first", "last") if request.GET.get(name)})
    return _page(request, form, ScheduleForm())


@require_GET
@staff.staff_page("reports.view")
def runs(request: HttpRequest) -> HttpResponse:
    """The list of runs alone, fetched again while something is being made; whoever opens it is led to the page."""
    if request.headers.get("X-Requested-With") != "fetch":
        return redirect("reports")
    return staff.show(request, "reports/_runs.html", _rows(request), title=_("Reports"))


@require_POST
@staff.staff_page("reports.run")
def make(request: HttpRequest) -> HttpResponse:
    """Queue a report."""
    form = RequestForm(request.POST)
    if not form.is_valid():
        return _page(request, form, ScheduleForm(), status=400)
    assert isinstance(request.user, User)
    try:
        services.request_report(language=get_language() or "en", user=request.user, **form.cleaned_data)
    except Refusal as refusal:
        staff.tell_refusal(request, refusal)
        return _page(request, form, ScheduleForm(), status=400)
    return redirect("reports")


@require_POST
@staff.staff_page("reports.run")
def stop(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Stop a report that is being made."""
    run = queries.run(public_id)
    if run.job is not None:
        jobs.stop(run.job)
    return redirect("reports")


@require_POST
@staff.staff_page("reports.run")
def again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Make a report again for the same days."""
    run = queries.run(public_id)
    assert isinstance(request.user, User)
    services.request_report(
        report=run.report, first=run.first_date, last=run.last_date, formats=run.formats,
        language=get_language() or "en", user=request.user,
    )  # fmt: skip
    return redirect("reports")


@require_GET
@staff.staff_page("reports.view")
def download(request: HttpRequest, public_id: uuid.UUID, file_format: str) -> StreamingHttpResponse:
    """A file of a run; each download is recorded."""
    run = queries.run(public_id)
    kept = next((one.file for one in run.files.all() if one.format == file_format), None)
    if kept is None:
        raise NotFound()
    stored = files.find(kept.public_id)
    content: Iterator[bytes] = files.read(stored)
    audit.record("report.downloaded", run, changes={"file": (None, stored.name)})
    response = StreamingHttpResponse(content, content_type=stored.content_type)
    response["Content-Length"] = str(stored.size)
    # Our own names: letters, digits, dots and dashes only.
    response["Content-Disposition"] = f'attachment; filename="{stored.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@staff.staff_page("reports.schedule")
def schedule(request: HttpRequest) -> HttpResponse:
    """Have a report come by itself."""
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return _page(request, RequestForm.about(clock.today(Program.objects.get().zone)), form, status=400)
    assert isinstance(request.user, User)
    services.schedule_report(language=get_language() or "en", user=request.user, now=clock.now(), **form.cleaned_data)
    return redirect(f"{reverse('reports')}#schedules")


@require_POST
@staff.staff_page("reports.schedule")
def stop_schedule(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Have a scheduled report come no more."""
    found = queries.schedules().filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    services.stop_schedule(schedule_id=found.pk, now=clock.now())
    return redirect(f"{reverse('reports')}#schedules")
