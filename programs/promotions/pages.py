"""The promotions' pages: what runs, on which terms, and the emergency stop."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from loyalty.kernel import clock
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import menu, staff
from programs.promotions import services, terms
from programs.promotions.models import Promotion
from programs.promotions.naming import Names
from programs.setup.models import Program

menu.register(
    menu.MenuEntry(menu.PROMOTIONS, 200, gettext_lazy("Promotions"), "campaign", "promotions", "promotions.view")
)


def _versions(promotion: Promotion) -> list[Any]:
    return list(promotion.versions.select_related("published_by").order_by("-number"))


@require_GET
@staff.staff_page("promotions.view")
def promotions(request: HttpRequest) -> HttpResponse:
    """All promotions: those that run first."""
    currency, names = Program.objects.get().currency, Names()
    rows = []
    for promotion in Promotion.objects.filter(archived_at__isnull=True).prefetch_related("versions").order_by("code"):
        versions = sorted(promotion.versions.all(), key=lambda version: version.number)
        gives = [text for what, text in terms.lines(versions[-1].document, currency, names) if what == _("Gives")]
        rows.append({"promotion": promotion, "version": versions[-1], "gives": gives})
    rows.sort(key=lambda row: (row["promotion"].state != "live", row["promotion"].code))  # type: ignore[attr-defined]
    return staff.show(
        request,
        "promotions/list.html",
        {"rows": rows},
        title=_("Promotions"),
        help_text=_(
            "Every purchase is judged by the promotions that were live at its time. Published terms never change."
        ),
    )


@require_GET
@staff.staff_page("promotions.view")
def promotion(request: HttpRequest, code: str) -> HttpResponse:
    """One promotion: its terms and its versions."""
    found = _find(code)
    versions = _versions(found)
    return staff.show(
        request,
        "promotions/promotion.html",
        {
            "promotion": found,
            "versions": versions,
            "terms": terms.lines(versions[0].document, Program.objects.get().currency),
            "is_running": found.state == "live",
        },
        title=str(found.name),
        crumbs=[(_("Promotions"), reverse("promotions"))],
        help_text=_("The terms of the newest version. Older versions keep judging the purchases of their time."),
    )


def _find(code: str) -> Promotion:
    found = Promotion.objects.filter(code=code).first()
    if found is None:
        raise NotFound()
    return found


@require_http_methods(["GET", "POST"])
@staff.staff_page("promotions.publish")
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """Stop a promotion at once, after saying what that means."""
    found = _find(code)
    back = reverse("promotion", args=[found.code])
    if request.method == "POST":
        try:
            services.stop_promotion(promotion_id=found.pk, now=clock.now())
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
        return redirect(back)
    text = _("From this moment no purchase earns by it. Purchases made before still do, also when they arrive late.")
    return staff.show(
        request,
        "kernel/confirm.html",
        {"object_name": found.name, "text": text, "back": back, "is_dangerous": True},
        title=_("Stop the promotion"),
        crumbs=[(_("Promotions"), reverse("promotions")), (found.name, back)],
    )
