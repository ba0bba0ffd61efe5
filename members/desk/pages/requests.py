"""Corrections above an agent's limit: what waits for a supervisor, and the decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from loyalty.kernel import clock, money, scope, wording
from loyalty.kernel.errors import Refusal
from loyalty.kernel.pages import figures, staff
from loyalty.kernel.pages.paging import Part
from loyalty.kernel.pages.security.guard import ask_again
from members.callers.queries import shown_name
from members.desk.forms import DecisionForm
from members.desk.queries import requests as queries
from members.ledger import operations as ledger
from members.ledger import requests
from members.ledger.models import AdjustmentRequest

SHOWN = 30
APPROVE, REJECT = "approve", "reject"


@require_safe
@staff.staff_page("adjustments.decide")
def list_requests(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first, and what was decided last."""
    part = Part(queries.waiting(), ("id",), request, SHOWN)
    context = {"requests": part.rows, "decided": queries.decided_last(), **part.links(request)}
    return staff.show(
        request, "desk/requests.html", context, title=_("Corrections to decide"), crumbs=_crumbs()[:1],
        help_text=_("Corrections beyond an agent's limit wait here for somebody else's yes or no."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("adjustments.decide")
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """One request with everything about it; approving posts the correction, rejecting says why."""
    asked = queries.request_of(request_id)
    # Points above anybody's limit: whoever lets them go shows the password first.
    proof = ask_again(request)
    if proof is not None:
        return proof
    form = DecisionForm(request.POST or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, asked, form)
            return HttpResponseRedirect(reverse("desk-requests"))
        except Refusal as refusal:
            refused = _explained(refusal, asked)
            asked = queries.request_of(request_id)
    actor = scope.actor()
    context = {
        "asked": asked,
        "name": shown_name(asked.member),
        "balance": queries.balance(asked),
        "size": abs(asked.amount),
        "is_own": (asked.asker_kind, asked.asker_id) == (actor.kind, actor.id),
        "form": form,
        "refused": refused,
        "back": reverse("desk-requests"),
    }
    return staff.show(
        request, "desk/request.html", context, title=_("Decide a correction"), crumbs=_crumbs(),
        help_text=_("Approving posts the points at once; rejecting tells the agent why."),
    )  # fmt: skip


def _decide(request: HttpRequest, asked: AdjustmentRequest, form: DecisionForm) -> None:
    given = {"request_id": asked.pk, "note": form.cleaned_data["reason"], "at": clock.now()}
    name = shown_name(asked.member)
    if request.POST.get("decision") == APPROVE:
        requests.approve_adjustment(**given)
        messages.success(request, _("Approved and posted: %(name)s.") % {"name": name})
    else:
        requests.reject_adjustment(**given)
        messages.success(request, _("Rejected, nothing was posted: %(name)s.") % {"name": name})


def _explained(refusal: Refusal, asked: AdjustmentRequest) -> str:
    """The expected "no", with points as people read them."""
    if isinstance(refusal, ledger.InsufficientPoints):
        kind = asked.point_type
        units = {name: money.to_units(refusal.facts[name], kind.decimals) for name in ("available", "needed")}
        facts = {name: figures.points(amount, kind.decimals) for name, amount in units.items()}
        text = _("Only %(available)s %(type)s can be taken; you asked for %(needed)s.")
        return text % {**facts, "type": kind}
    return wording.sentence(refusal.code, refusal.facts)


def _crumbs() -> list[tuple[Any, str]]:
    return [(_("Member desk"), reverse("desk-find")), (_("Corrections to decide"), reverse("desk-requests"))]
