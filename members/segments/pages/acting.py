"""What is done with a segment: counted anew, archived, members put in and taken out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.models import User
from loyalty.kernel.pages import staff
from members.profiles.models import Member
from members.segments import services
from members.segments.forms import ListForm
from members.segments.pages.listing import show_segment
from members.segments.queries import finding

REFRESH, ARCHIVE, ADD = "refresh", "archive", "add"


@require_http_methods(["GET", "POST"])
@staff.staff_page("promotions.edit")
def act(request: HttpRequest, code: str, deed: str) -> HttpResponse:
    """Count anew at once, archive after a question, or add members from a list."""
    found = finding.segment_of(code)
    if deed == ARCHIVE and found.archived_at is None:
        return _archive(request, code)
    if request.method != "POST":
        raise NotFound()
    if deed == ADD:
        return _add(request, code)
    if deed != REFRESH:
        raise NotFound()
    services.ask_refresh(user=request.user if isinstance(request.user, User) else None)
    messages.success(request, _("All segments are being counted. The figures follow in a moment."))
    return redirect("segment", code)


def _archive(request: HttpRequest, code: str) -> HttpResponse:
    found = finding.segment_of(code)
    if request.method == "POST":
        try:
            services.archive_segment(code=code, now=clock.now())
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
            return redirect("segment", code)
        messages.success(request, _("Archived."))
        return redirect("segments")
    context: dict[str, Any] = {"segment": found, "back": reverse("segment", args=[code])}
    crumbs = [(_("Segments"), reverse("segments")), (str(found.name), reverse("segment", args=[code]))]
    return staff.show(
        request, "segments/archive.html", context, title=_("Archive the segment"), crumbs=crumbs,
        help_text=_("It is counted no more and disappears from pickers."),
    )  # fmt: skip


def _add(request: HttpRequest, code: str) -> HttpResponse:
    form = ListForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            added = services.add_listed(code=code, numbers=form.cleaned_data["listed"], now=clock.now())
        except Malformed:
            form.add_error("numbers", _("At most 100,000 numbers at once."))
        except Refusal as refusal:
            form.add_error("numbers", wording.sentence(refusal.code, refusal.facts))
        else:
            text = ngettext("%(count)s member added.", "%(count)s members added.", added.added) % {"count": added.added}
            messages.success(request, text)
            return redirect("segment", code)
    return show_segment(request, code, form, status=422)


@require_POST
@staff.staff_page("promotions.edit")
def remove(request: HttpRequest, code: str, member_id: UUID) -> HttpResponse:
    """Take one member out."""
    finding.segment_of(code)
    member = Member.objects.filter(public_id=member_id).first()
    if member is None:
        raise NotFound()
    try:
        services.remove_members(code=code, member_ids=[member.pk], now=clock.now())
    except Refusal as refusal:
        staff.tell_refusal(request, refusal)
    else:
        messages.success(request, _("Member %(number)s was taken out.") % {"number": member.number})
    return redirect("segment", code)
