"""What a member had at a past moment, and the statement of an account as a file."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from loyalty.kernel import clock, files, wording
from loyalty.kernel.documents import CONTENT_TYPES
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import Job, User
from loyalty.kernel.pages import staff
from loyalty.kernel.registries import Panel
from members.callers.pages.guard import ask_reason
from members.desk.pages.member import crumbs
from members.desk.queries import finding, overview
from members.ledger import past, statements
from members.ledger.statements import Wanted
from members.profiles import queries as profiles
from members.profiles.models import Member
from programs.setup.models import PointType, Program

LONG_ONES_SHOWN = 5


class MomentForm(forms.Form):
    """As of when, and as known when."""

    as_of = forms.DateTimeField(
        label=gettext_lazy("As of"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("What counted until this moment."),
    )
    known_at = forms.DateTimeField(
        label=gettext_lazy("As known on"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy(
            "Leaves out what was recorded later, such as a receipt that came late. Empty: all we know."
        ),
    )


class StatementForm(forms.Form):
    """The days of a statement, and the kind of file."""

    first = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    file_format = forms.ChoiceField(label=gettext_lazy("File"), choices=[("pdf", "PDF"), ("csv", "CSV")])


def fill(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """The way to the page; what it needs is the member alone."""
    return {"member": member}


PANEL = Panel(page="member", position=5, template="desk/_books.html", fill=fill, permission="members.view")


@require_safe
@staff.staff_page("members.view")
def show_past(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The balance at a moment that the address names, and the form of a statement."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    form = MomentForm(request.GET if "as_of" in request.GET else None, initial={"as_of": clock.now()})
    return _page(request, member, form, _statement_form())


def _statement_form() -> StatementForm:
    today = clock.today(Program.objects.get().zone)
    return StatementForm(initial={"first": today.replace(day=1), "last": today}, auto_id="statement_%s")


def _page(
    request: HttpRequest,
    member: Member,
    form: MomentForm,
    statement: StatementForm,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"member": member, "form": form, "statement": statement, "refused": refused}
    context |= _long_ones(request, member)
    if form.is_bound and form.is_valid():
        types = {kind.code: kind for kind in PointType.objects.order_by("position", "pk")}
        held = past.balances_at(profiles.primary_account(member.pk), **form.cleaned_data)
        context["balances"] = [(types[one.point_type], one) for one in held]
    return staff.show(
        request, "desk/past.html", {**context, "name": finding.name_of(member)}, title=_("Past balances and statements"),
        crumbs=crumbs(member), status=status,
        help_text=_("Entries are never changed, so any past balance can be told again, also as it was known then."),
    )  # fmt: skip


def _long_ones(request: HttpRequest, member: Member) -> dict[str, Any]:
    """The long statements of the member that the reader asked for, and whether one is being made."""
    asked = Job.objects.filter(
        kind=statements.JOB_KIND, requested_by_id=request.user.pk, arguments__member=member.pk
    ).order_by("-pk")[:LONG_ONES_SHOWN]
    return {"long_ones": [(job, _days(job)) for job in asked], "is_working": any(not job.is_finished for job in asked)}


def _days(job: Job) -> tuple[date, date]:
    return date.fromisoformat(job.arguments["first"]), date.fromisoformat(job.arguments["last"])


@require_safe
@staff.staff_page("members.view")
def fetch_statement(request: HttpRequest, member_id: UUID, job_id: UUID) -> HttpResponseBase:
    """The file of a long statement, for whoever asked for it."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    job = Job.objects.filter(
        public_id=job_id, kind=statements.JOB_KIND, requested_by_id=request.user.pk, arguments__member=member.pk
    ).first()
    if job is None or "file" not in job.result:
        raise NotFound()
    stored = files.find(UUID(job.result["file"]))
    return StreamingHttpResponse(
        files.read(stored),
        content_type=stored.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{stored.name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
@staff.staff_page("members.view")
def download_statement(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The statement as a file in the member's language; what is wrong with the days stands on the page again."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    if not request.GET:
        return redirect("desk-past", member_id)
    form = StatementForm(request.GET, auto_id="statement_%s")
    moment = MomentForm(initial={"as_of": clock.now()})
    if not form.is_valid():
        return _page(request, member, moment, form, status=400)
    wanted = Wanted(member, **form.cleaned_data)
    try:
        made = statements.make_statement(wanted, at=clock.now())
    except statements.TooLong as refusal:
        if wanted.file_format != "csv":
            return _page(request, member, moment, form, wording.sentence(refusal.code, refusal.facts), refusal.status)
        assert isinstance(request.user, User), "the page is for staff"
        statements.ask_statement(wanted, user=request.user)
        messages.success(request, _("So long a statement takes a while. This page shows when it is ready."))
        return redirect("desk-past", member_id)
    except Refusal as refusal:
        return _page(request, member, moment, form, wording.sentence(refusal.code, refusal.facts), refusal.status)
    return HttpResponse(
        made.read(),
        content_type=CONTENT_TYPES[wanted.file_format],
        headers={
            "Content-Disposition": f'attachment; filename="{wanted.file_name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
