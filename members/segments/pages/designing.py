"""A segment being written: its name and condition, the sentence of it, and how many members it would choose."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.pages import staff
from members.segments import drafts, services
from members.segments.forms import BeginForm, NameForm
from members.segments.models import Segment, SegmentKind
from members.segments.queries import finding


@require_http_methods(["GET", "POST"])
@staff.staff_page("promotions.edit")
def begin(request: HttpRequest, kind: str) -> HttpResponse:
    """A new segment, by a condition or by hand. Nothing is saved before the button is pressed."""
    if kind not in SegmentKind.values:
        raise NotFound()
    return _page(request, None, kind)


@require_http_methods(["GET", "POST"])
@staff.staff_page("promotions.edit")
def design(request: HttpRequest, code: str) -> HttpResponse:
    """Another name or condition for a segment."""
    segment = finding.segment_of(code)
    if segment.archived_at is not None:
        raise NotFound()
    return _page(request, segment, segment.kind)


def _page(request: HttpRequest, segment: Segment | None, kind: str) -> HttpResponse:
    is_dynamic = kind == SegmentKind.DYNAMIC
    is_post, deed = request.method == "POST", request.POST.get("do", "")
    document = drafts.begun(segment.document if segment else {})
    if is_post and is_dynamic:
        try:
            document = drafts.changed(
                request.POST.get("kept", ""), {name: request.POST.getlist(name) for name in request.POST}
            )
        except signing.BadSignature:
            return HttpResponseBadRequest()
    form = _form(request, segment, is_bound=is_post and deed == "save")
    is_part = bool(request.headers.get("HX-Request"))
    if is_post and deed == "save" and form.is_valid():
        saved = _save(form, segment, kind, drafts.document_of(document) if is_dynamic else None)
        if saved is not None:
            messages.success(request, _("Saved."))
            return _to(reverse("segment", args=[saved.code]), is_part=is_part)
    context: dict[str, Any] = {
        "form": form, "segment": segment, "is_dynamic": is_dynamic,
        "draft": drafts.shown(document, segment.code if segment else "") if is_dynamic else None,
    }  # fmt: skip
    crumbs = [(_("Segments"), reverse("segments"))]
    if segment:
        crumbs.append((str(segment.name), reverse("segment", args=[segment.code])))
    template = "segments/design.html" if not is_part else f"segments/_{'whole' if deed == 'save' else 'design'}.html"
    response = staff.show(
        request, template, context, title=_("Change the segment") if segment else _("New segment"), crumbs=crumbs,
        help_text=_("Say who belongs to it. The number of members follows each change; nothing is saved before you save.")
        if is_dynamic
        else _("Members are put in by hand, from a list, or by promotions."),
    )  # fmt: skip
    if is_part and deed == "save":
        # What is wrong may stand beside the name, outside the part that follows each change.
        response.headers["HX-Retarget"] = "#segment-form"
    return response


def _to(address: str, *, is_part: bool) -> HttpResponse:
    """To another page, also from a request that expects a part of this one."""
    return HttpResponse(headers={"HX-Redirect": address}) if is_part else redirect(address)


def _form(request: HttpRequest, segment: Segment | None, *, is_bound: bool) -> forms.Form:
    kind: type[forms.Form] = NameForm if segment else BeginForm
    if is_bound:
        return kind(request.POST)
    names = {"name": segment.name} if segment else {}
    return kind(initial=names)


def _save(form: forms.Form, segment: Segment | None, kind: str, document: dict[str, Any] | None) -> Segment | None:
    """The segment as saved; nothing where a refusal was put into the form, or a field of the condition is wrong."""
    name, now = form.cleaned_data["name"], clock.now()
    try:
        if segment is not None:
            return services.change_segment(code=segment.code, name=name, document=document, now=now)
        return services.create_segment(code=form.cleaned_data["code"], name=name, kind=kind, document=document, now=now)
    except Malformed:
        return None
    except Refusal as refusal:
        form.add_error(refusal.field or None, wording.sentence(refusal.code, refusal.facts))
        return None
