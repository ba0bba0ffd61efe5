"""What runs, what is being written, what is over; one promotion with its versions."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from loyalty.kernel import clock
from loyalty.kernel.pages import menu, staff
from programs.promotions import queries
from programs.promotions.models import Promotion, PromotionReview, Standing, VersionState
from programs.setup.models import Program

menu.register(
    menu.MenuEntry(menu.PROMOTIONS, 200, gettext_lazy("Promotions"), "campaign", "promotions", "promotions.view")
)
_ORDER = [
    Standing.LIVE, Standing.SCHEDULED, Standing.REVIEW, Standing.APPROVED, Standing.DRAFT, Standing.PAUSED, Standing.ENDED,
]  # fmt: skip


@require_GET
@staff.staff_page("promotions.view")
def promotions(request: HttpRequest) -> HttpResponse:
    """All promotions: those that run first."""
    now, zone = clock.now(), Program.objects.get().zone
    rows = []
    for promotion in Promotion.objects.filter(archived_at__isnull=True).prefetch_related("versions").order_by("code"):
        versions = [one for one in promotion.versions.all() if one.state != VersionState.DISCARDED]
        newest = max(versions, key=lambda one: one.number, default=None)
        rows.append(
            {
                "promotion": promotion,
                "version": newest,
                "standing": queries.standing(promotion, versions, now, zone),
                "has_draft": newest is not None and newest.number > 1 and newest.effective is None,
            }
        )
    chosen = request.GET.get("standing", "")
    counts = [(one, sum(row["standing"] == one for row in rows)) for one in _ORDER]
    shown = [row for row in rows if not chosen or row["standing"] == chosen]
    shown.sort(key=lambda row: _ORDER.index(row["standing"]))  # type: ignore[arg-type]
    sentences = queries.said_all([row["version"].document if row["version"] else {} for row in shown])  # type: ignore[attr-defined]
    for row, words in zip(shown, sentences, strict=True):
        row["sentence"] = words
    return staff.show(
        request,
        "promotions/list.html",
        {"rows": shown, "is_any": bool(rows), "counts": [pair for pair in counts if pair[1]], "chosen": chosen},
        title=_("Promotions"),
        help_text=_(
            "Every purchase is judged by the promotions that were live at its time. Published terms never change."
        ),
    )


@require_GET
@staff.staff_page("promotions.view")
def promotion(request: HttpRequest, code: str) -> HttpResponse:
    """One promotion: its terms, its versions, who did what, and what can be done."""
    found = queries.promotion_of(code)
    versions = queries.listed_versions(found)
    newest = versions[0] if versions else None
    now, program = clock.now(), Program.objects.get()
    in_force = next((one for one in versions if one.effective is not None and one.effective.upper is None), None)
    can = menu.permissions(request)
    return staff.show(
        request,
        "promotions/promotion.html",
        {
            "promotion": found,
            "versions": versions,
            "newest": newest,
            "standing": queries.standing(found, versions, now, program.zone),
            "in_force": in_force,
            "sentence": queries.said(in_force.document) if in_force else (),
            "draft_sentence": queries.said(newest.document) if newest and newest is not in_force else (),
            "is_draft": newest is not None and newest.state == VersionState.DRAFT,
            "is_in_review": newest is not None and newest.state == VersionState.REVIEW,
            "is_approved": newest is not None and newest.state == VersionState.APPROVED,
            "may_publish": "promotions.publish" in can and not program.is_approval_needed,
            "needs_approval": program.is_approval_needed,
            "reviews": PromotionReview.objects.filter(version__promotion=found).select_related("user", "version")[::-1],
        },
        title=str(found.name),
        crumbs=[(_("Promotions"), reverse("promotions"))],
        help_text=_("Purchases are judged by the version that was in force at their time."),
    )
