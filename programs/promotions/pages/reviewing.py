"""What is done with a version: sent for approval, approved, given back, published, stopped, resumed, compared."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from loyalty.kernel import clock
from loyalty.kernel.errors import Refusal
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.security.guard import ask_again
from programs.promotions import queries, services
from programs.promotions.models import Promotion, PromotionVersion
from programs.promotions.pages import comparing
from programs.setup.models import Program


class NotAMoment(Refusal):
    """When the version is to take over cannot be read."""

    code = "not_an_instant"


Do = Callable[[Promotion, PromotionVersion, HttpRequest], Any]


def _submit(promotion: Promotion, version: PromotionVersion, request: HttpRequest) -> Any:
    return services.submit_version(version_id=version.pk, comment=request.POST.get("comment", ""))


def _approve(promotion: Promotion, version: PromotionVersion, request: HttpRequest) -> Any:
    return services.approve_version(version_id=version.pk, comment=request.POST.get("comment", ""))


def _return(promotion: Promotion, version: PromotionVersion, request: HttpRequest) -> Any:
    return services.return_version(version_id=version.pk, comment=request.POST.get("comment", ""))


def _publish(promotion: Promotion, version: PromotionVersion, request: HttpRequest) -> Any:
    return services.publish_version(version_id=version.pk, starts_at=_starts_at(request), now=clock.now())


def _starts_at(request: HttpRequest) -> datetime | None:
    """When the version takes over: at once, or at a later moment in program time.

    :raises NotAMoment: it cannot be read.
    """
    text = request.POST.get("starts_at", "")
    if not text:
        return clock.now()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=Program.objects.get().zone)
    except ValueError as problem:
        raise NotAMoment() from problem


def _stop(promotion: Promotion, version: PromotionVersion, request: HttpRequest) -> Any:
    return services.stop_promotion(promotion_id=promotion.pk, now=clock.now(), comment=request.POST.get("comment", ""))


def _resume(promotion: Promotion, version: PromotionVersion, request: HttpRequest) -> Any:
    return services.resume_promotion(promotion_id=promotion.pk, now=clock.now())


def _discard(promotion: Promotion, version: PromotionVersion, request: HttpRequest) -> Any:
    return services.discard_draft(version_id=version.pk)


# By deed: what it needs, what does it.
DEEDS: dict[str, tuple[str, Do]] = {
    "submit": ("promotions.edit", _submit),
    "approve": ("promotions.publish", _approve),
    "return": ("promotions.publish", _return),
    "publish": ("promotions.publish", _publish),
    "stop": ("promotions.publish", _stop),
    "resume": ("promotions.publish", _resume),
    "discard": ("promotions.edit", _discard),
}
# What makes a promotion give points: whoever does it shows the password first. Stopping one asks for nothing.
PROVED = frozenset({"approve", "publish", "resume"})


def _words(deed: str) -> tuple[str, str, str]:
    """Title, explanation and what is said afterwards."""
    return {
        "submit": (
            _("Send for approval"),
            _("A colleague looks at it. The draft does not change meanwhile."),
            _("Sent for approval."),
        ),
        "approve": (_("Approve"), _("The version may be published after that."), _("Approved.")),
        "return": (_("Give back"), _("The version becomes a draft again. Say what is missing."), _("Given back.")),
        "publish": (
            _("Publish"),
            _("From then on purchases are judged by these terms. A published version never changes."),
            _("Published."),
        ),
        "stop": (
            _("Stop the promotion"),
            _("From this moment no purchase earns by it. Purchases made before still do, also when they arrive late."),
            _("Stopped."),
        ),
        "resume": (_("Let it run again"), _("From this moment purchases earn by it as before."), _("It runs again.")),
        "discard": (
            _("Put the draft aside"),
            _("What was written since the last publishing is not used. It stays in the history."),
            _("Put aside."),
        ),
    }[deed]


@require_http_methods(["GET", "POST"])
@staff.staff_page("promotions.edit", "promotions.publish")
def act(request: HttpRequest, code: str, deed: str) -> HttpResponse:
    """Ask what is to be done with the newest version, then do it."""
    if deed not in DEEDS:
        raise Http404
    needed, do = DEEDS[deed]
    if needed not in menu.permissions(request):
        raise PermissionDenied
    promotion = queries.promotion_of(code)
    version = queries.newest_version(promotion)
    if version is None:
        raise Http404
    asked = ask_again(request) if deed in PROVED else None
    if asked is not None:
        return asked
    title, text, done = _words(deed)
    back = reverse("promotion", args=[promotion.code])
    if request.method == "POST":
        try:
            do(promotion, version, request)
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
        else:
            messages.success(request, done)
        return redirect("promotions" if deed == "discard" and not queries.is_listed(promotion) else back)
    context = {
        "deed": deed,
        "text": text,
        "back": back,
        "object_name": promotion.name,
        "version": version,
        "sentence": queries.said(version.document),
        "asks_when": deed == "publish",
        "asks_comment": deed in ("submit", "approve", "return", "stop"),
        "is_dangerous": deed in ("stop", "discard"),
    }
    return staff.show(
        request,
        "promotions/act.html",
        context,
        title=title,
        crumbs=[(_("Promotions"), reverse("promotions")), (str(promotion.name), back)],
        help_text=_("What you do here is written down with your name and holds for purchases from then on."),
    )


@require_GET
@staff.staff_page("promotions.view")
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions as two sentences with the differences marked."""
    promotion = queries.promotion_of(code)
    versions = queries.listed_versions(promotion)
    newer, older = comparing.chosen(versions, request.GET.get("newer", ""), request.GET.get("older", ""))
    if newer is None or older is None:
        raise Http404
    before, after = queries.said_all([older.document, newer.document])
    return staff.show(
        request,
        "promotions/compare.html",
        {
            "promotion": promotion,
            "versions": versions,
            "newer": newer,
            "older": older,
            "sides": [
                (older, comparing.marked(before, after), "gone"),
                (newer, comparing.marked(after, before), "new"),
            ],
        },
        title=_("Compare versions"),
        crumbs=[(_("Promotions"), reverse("promotions")), (str(promotion.name), reverse("promotion", args=[code]))],
        help_text=_("What differs is marked."),
    )
