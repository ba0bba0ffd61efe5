"""Files of purchases in the staff site: sent, watched, stopped, gone on with; what was refused of them."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from loyalty.kernel import audit, clock, wording
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User
from loyalty.kernel.pages import figures, menu, staff
from loyalty.kernel.pages.paging import Part
from members.activity.intake import OWN_SOURCE
from members.files import asking, layout, queries, services
from members.files.downloads import rejects_response
from members.files.forms import SendForm
from members.files.models import PurchaseFile
from programs.setup.models import Program

FILES_A_PART = 25
REJECTS_SHOWN = 100
WORKING = {"waiting", "running"}
TITLE = gettext_lazy("Files of purchases")
menu.register(menu.MenuEntry(menu.MEMBERS, 345, TITLE, "upload_file", "purchase-files", "files.view"))
TONES = {
    "waiting": (gettext_lazy("Waiting"), "accent", "hourglass_top"),
    "running": (gettext_lazy("Running"), "accent", "progress_activity"),
    "stopped": (gettext_lazy("Stopped"), "warn", "stop_circle"),
    "failed": (gettext_lazy("Failed"), "bad", "error"),
    "done": (gettext_lazy("Taken in"), "good", "check_circle"),
    "refused": (gettext_lazy("Refused as a whole"), "bad", "block"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("files.view", "files.take")
def purchase_files(request: HttpRequest) -> HttpResponse:
    """All files; whoever may sends another."""
    may_take = "files.take" in menu.permissions(request)
    form = SendForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not may_take:
            return HttpResponse(status=403)
        if form.is_valid():
            answer = _send(request, form)
            if answer is not None:
                return answer
    part = Part(queries.files(), ("-id",), request, FILES_A_PART)
    context = {
        "rows": [{"file": file, "tone": TONES[file.standing]} for file in part.rows],
        "form": form if may_take else None,
        "columns": layout.COLUMNS.values(),
        "end": layout.END,
        **part.links(request),
    }
    return staff.show(
        request,
        "files/list.html",
        context,
        title=TITLE,
        help_text=_(
            "Receipts that come as a file instead of one by one: from a partner every night, or from a till that had no "
            "line. They get the same points as at the till. The same file twice changes nothing."
        ),
        status=400 if form.is_bound and form.errors else 200,
    )


def _send(request: HttpRequest, form: SendForm) -> HttpResponse | None:
    """Where to go after asking somebody else; nothing where a refusal was put into the form."""
    upload, partner = form.cleaned_data["file"], form.cleaned_data["partner"]
    assert isinstance(request.user, User)
    try:
        earlier = asking.ask_for_file(
            upload, name=upload.name, source=partner.code if partner else OWN_SOURCE,
            partner_id=partner.pk if partner else None, user=request.user, at=clock.now(),
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error("file", wording.sentence(refusal.code, refusal.facts))
        return None
    if earlier is not None:
        messages.info(request, _("This file came before. Nothing was changed; this is what became of it."))
        return redirect("purchase-file", earlier.public_id)
    messages.success(request, _("Asked for. Somebody else decides; nothing has been taken in yet."))
    return redirect("purchase-files")


@require_GET
@staff.staff_page("files.view", "files.take")
def purchase_file(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """One file: how far it is, its totals, and what was refused."""
    file = queries.file_of(file_id)
    context: dict[str, Any] = {
        "file": file,
        "tone": TONES[file.standing],
        "standing": file.standing,
        "is_working": file.standing in WORKING,
        "problem": _problem(file),
        "sums": _sums(file),
        "rejects": [
            {"reject": one, "reason": queries.reason(one.code, one.facts)}
            for one in queries.rejects(file)[:REJECTS_SHOWN]
        ],
        "rejects_shown": REJECTS_SHOWN,
    }
    is_part = request.headers.get("X-Requested-With") == "fetch"
    return staff.show(
        request,
        "files/_file.html" if is_part else "files/file.html",
        context,
        title=file.name,
        crumbs=[(TITLE, reverse("purchase-files"))],
        help_text=_(
            "The totals of the file, and every receipt that was left out with the reason. Put what you corrected into a "
            "new file: what is in the books already is not taken in again."
        ),
    )


def _sums(file: PurchaseFile) -> dict[str, Any]:
    """The sums of the file, with its currency where it has one alone."""
    own = Program.objects.get().currency
    currency, places = (own if file.places is None else file.currency), file.decimals(own)

    def shown(units: int) -> Any:
        return figures.money(units, currency) if currency else figures.points(units, places)

    return {"all": shown(file.amount or 0), "accepted": shown(file.accepted_amount), "is_mixed": not currency}


def _problem(file: PurchaseFile) -> str:
    if file.problem:
        return wording.sentence(file.problem, file.facts)
    if file.standing == "failed" and file.job is not None:
        return wording.sentence(file.job.problem, file.job.result.get("facts", {}))
    return ""


@require_GET
@staff.staff_page("files.view", "files.take")
def rejects(request: HttpRequest, file_id: uuid.UUID) -> HttpResponseBase:
    """What was refused, as a file; each download is recorded."""
    file = queries.file_of(file_id)
    audit.record("purchase_file.downloaded", file)
    return rejects_response(file)


@require_POST
@staff.staff_page("files.take", "jobs.view")
def stop(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Stop the intake after the present part."""
    file = queries.file_of(file_id)
    try:
        services.stop_file(file)
    except Refusal as refusal:
        staff.tell_refusal(request, refusal)
    return redirect("purchase-file", file_id)


@require_POST
@staff.staff_page("files.take", "jobs.view")
def resume(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Go on with the intake."""
    file = queries.file_of(file_id)
    try:
        services.resume_file(file, user=request.user if isinstance(request.user, User) else None)
    except Refusal as refusal:
        staff.tell_refusal(request, refusal)
    return redirect("purchase-file", file_id)
