"""The page of the chain over the audit trail: how far it is sealed, and what the last check found."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel import jobs, scope, sealing
from loyalty.kernel.errors import NotFound
from loyalty.kernel.models import Job, User
from loyalty.kernel.models.jobs import JobState
from loyalty.kernel.pages import staff

KINDS: dict[str, Any] = {
    "broken": gettext_lazy("A seal does not fit its records: one of them was changed"),
    "missing": gettext_lazy("A sealed record is gone"),
    "unsealed": gettext_lazy("A record of more than an hour ago was never sealed"),
    "gap": gettext_lazy("A seal is missing"),
}
TRAILS: dict[bool, Any] = {
    True: gettext_lazy("This program"),
    False: pgettext_lazy("audit trail", "Platform"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("audit.view")
def chain(request: HttpRequest) -> HttpResponse:
    """Shows the state; POST has the chain checked in the background."""
    # Before the first program there is the platform's trail alone, and no worker to check it.
    program: int | None = getattr(request, "program_id", None)
    if request.method == "POST":
        return _check(request)
    trails = [program, None] if program is not None else [None]
    last = Job.objects.filter(program_id=program, kind=sealing.JOB_KIND).order_by("-pk").first()
    context = {
        "trails": [(TRAILS[trail is not None], sealing.state_of(trail)) for trail in trails],
        "may_check": program is not None,
        "job": last,
        "is_working": last is not None and not last.is_finished,
        "is_whole": last is not None and last.state == JobState.DONE and last.result.get("findings") == 0,
        "told": [(KINDS[one["kind"]], one["number"]) for one in last.result.get("told", [])] if last else [],
    }
    return staff.show(
        request,
        "kernel/chain.html",
        context,
        title=_("Seals of the audit trail"),
        crumbs=[(_("Audit trail"), reverse("admin:loyalty_kernel_auditrecord_changelist"))],
        help_text=_(
            "Every few minutes new records are put under a seal that also covers the seal before. Whoever changes or "
            "removes a record, even in the database itself, breaks the chain, and a check finds it."
        ),
    )


def _check(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User), "a staff page"
    if getattr(request, "program_id", None) is None:
        raise NotFound()
    with transaction.atomic():
        running = Job.objects.filter(
            program_id=scope.program_id(), kind=sealing.JOB_KIND, state__in=[JobState.QUEUED, JobState.RUNNING]
        )
        if not running.exists():
            jobs.enqueue(sealing.JOB_KIND, arguments={}, user=user)
    messages.success(request, _("The check runs. This page shows what it finds."))
    return HttpResponseRedirect(reverse("audit-chain"))
