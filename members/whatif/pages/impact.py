"""The strip at the designer's foot: what the draft would do in a month, and what is worth a look."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from loyalty.kernel import clock
from loyalty.kernel.pages import staff
from loyalty.kernel.text import Texts
from members.whatif import drafts
from members.whatif.impact import Impact, impact_of
from members.whatif.rulesets import Contest
from members.whatif.tally import DISCOUNT
from programs.setup.models import PointType, Program


@require_safe
@staff.staff_page("promotions.edit")
def strip(request: HttpRequest, code: str) -> HttpResponse:
    """The estimate for the draft as it stands, anew after each of its changes."""
    draft = drafts.draft_of(code)
    context: dict[str, Any] = {"draft": draft, "currency": Program.objects.get().currency}
    if draft.is_whole:
        contest = draft.contest(clock.now())
        context |= _shown(impact_of(contest, clock.now()), contest)
    if request.headers.get("HX-Request"):
        return render(request, "whatif/_impact.html", context)
    return staff.show(
        request,
        "whatif/impact.html",
        context,
        title=_("What it would do"),
        crumbs=[
            (_("Promotions"), reverse("promotions")),
            (str(draft.promotion.name), reverse("promotion-design", args=[code])),
        ],
        help_text=_("An estimate from what some members bought. A simulation looks at all of them."),
    )


def _shown(impact: Impact, contest: Contest) -> dict[str, Any]:
    names = {code: str(Texts(rule.name)) for code, rule in contest.rules.items()}
    types = PointType.objects.order_by("position", "id")
    return {
        "impact": impact,
        "gives": [(impact.gives[one.code], one) for one in types if impact.gives.get(one.code)],
        "discount": impact.gives.get(DISCOUNT, 0),
        "cost_percent": round(impact.cost_share * 100, 1),
        "together": [
            {"name": names[rule], "percent": round(100 * times / impact.hits)} for rule, times in impact.together
        ],
        "winners": [names.get(rule, rule) for rule in impact.lost],
    }
