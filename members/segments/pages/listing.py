"""Which segments there are, and one of them with its members."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from loyalty.kernel import clock
from loyalty.kernel.models import Job
from loyalty.kernel.models.jobs import JobState
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.paging import Part
from members.segments import drafts
from members.segments.forms import ListForm
from members.segments.queries import finding
from members.segments.queries.spans import presences
from members.segments.services.refreshing import REFRESH
from programs.promotions.models import Promotion

MEMBERS_SHOWN = 50
menu.register(menu.MenuEntry(menu.PROMOTIONS, 250, gettext_lazy("Segments"), "groups", "segments", "promotions.view"))


@require_GET
@staff.staff_page("promotions.view")
def segments(request: HttpRequest) -> HttpResponse:
    """All segments in use."""
    users = finding.users_of()
    rows = [
        {
            "segment": one,
            "sentence": drafts.said(one.document) if one.is_dynamic else (),
            "users": users.get(one.code, ()),
        }
        for one in finding.segments()
    ]
    return staff.show(
        request,
        "segments/list.html",
        {"rows": rows, "is_counting": is_counting()},
        title=_("Segments"),
        help_text=_("Named sets of members that promotions ask for. Those by a condition are counted anew every hour."),
    )


@require_GET
@staff.staff_page("promotions.view")
def segment(request: HttpRequest, code: str) -> HttpResponse:
    """One segment: what it says, who uses it, who is in it."""
    return show_segment(request, code, ListForm())


def show_segment(request: HttpRequest, code: str, form: ListForm, status: int = 200) -> HttpResponse:
    """The page of one segment with the form for adding members."""
    found = finding.segment_of(code)
    part = Part(finding.present_members(found, clock.now()), ("-id",), request, MEMBERS_SHOWN)
    used_by = Promotion.objects.filter(code__any=finding.users_of().get(code, []))
    context = {
        "segment": found,
        "sentence": drafts.said(found.document) if found.is_dynamic else (),
        "members": presences(found, part.rows),
        "used_by": used_by.order_by("code"),
        "asked_by": [finding.segment_of(one) for one in finding.asked_by(code)],
        "is_counting": found.is_dynamic and is_counting(),
        "form": form,
        **part.links(request),
    }
    return staff.show(
        request, "segments/segment.html", context, title=str(found.name), crumbs=[(_("Segments"), reverse("segments"))],
        status=status, help_text=_("Who is in it now, how it is counted, and what asks for it."),
    )  # fmt: skip


def is_counting() -> bool:
    """Whether a job that counts the segments waits or runs."""
    return Job.objects.filter(kind=REFRESH, state__in=[JobState.QUEUED, JobState.RUNNING]).exists()
