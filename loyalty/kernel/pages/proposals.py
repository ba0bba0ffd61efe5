"""What waits for a second person, and the decision."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from loyalty.kernel import clock, proposals, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import Proposal
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.forms import WordsField
from loyalty.kernel.pages.paging import Part
from loyalty.kernel.pages.security.guard import ask_again

SHOWN, DECIDED_SHOWN = 30, 10
APPROVE = "approve"
# Each kind is decided by whoever holds its own right; whoever may ask reads what became of it.
OPENS = ("tiers.ask", "tiers.grant", "files.take", "rewards.edit", "catalog.edit", "contacts.decide", "programs.edit")


class AnswerForm(forms.Form):
    """What whoever asked is told."""

    answer = WordsField(
        label=gettext_lazy("Your words"), max_length=300, required=False,
        widget=forms.TextInput({"autocomplete": "off"}), help_text=gettext_lazy("Needed for a no."),
    )  # fmt: skip


@require_safe
@staff.staff_page(*OPENS)
def decisions(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first, and what was decided last."""
    rows = Proposal.objects.select_related("asker", "decider")
    part = Part(rows.filter(done_at__isnull=True), ("id",), request, SHOWN)
    decided = list(rows.filter(done_at__isnull=False).order_by("-pk")[:DECIDED_SHOWN])
    context = {
        "waiting": [_told(one, request) for one in part.rows],
        "decided": [_told(one, request) for one in decided],
    }
    return staff.show(
        request, "kernel/decisions.html", {**context, **part.links(request)}, title=_("Needs a second person"),
        help_text=_("What gives or opens something large is done when somebody else than whoever asked has said yes."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page(*OPENS)
def decision(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """One question with yes and no."""
    asked = Proposal.objects.filter(public_id=proposal_id).select_related("asker", "decider").first()
    if asked is None:
        raise NotFound()
    if proof := ask_again(request):
        return proof
    form, refused = AnswerForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, asked, form.cleaned_data["answer"])
            return HttpResponseRedirect(reverse("decisions"))
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
    kind, is_theirs = proposals.kind_of(asked), _is_theirs(asked, request)
    context = {
        "one": _told(asked, request), "form": form,
        "detail": kind.detail(asked.arguments) if kind.detail and is_theirs else "",
        "about": kind.about(asked.arguments) if kind.about and is_theirs else "",
        "refused": refused, "is_own": asked.asker_id == request.user.pk,
        "is_theirs": is_theirs, "back": reverse("decisions"),
    }  # fmt: skip
    return staff.show(
        request, "kernel/decision.html", context, title=_("Decide"),
        crumbs=[(_("Needs a second person"), reverse("decisions"))],
        help_text=_("A yes does it at once. A no tells whoever asked why."),
    )  # fmt: skip


def _decide(request: HttpRequest, asked: Proposal, answer: str) -> None:
    decide = proposals.approve if request.POST.get("decision") == APPROVE else proposals.reject
    decide(asked.public_id, may=menu.permissions(request), answer=answer, at=clock.now())
    messages.success(request, _("Done.") if decide is proposals.approve else _("Refused, nothing was done."))


def _told(asked: Proposal, request: HttpRequest) -> dict[str, Any]:
    kind = proposals.kind_of(asked)
    return {
        "asked": asked, "title": kind.title, "what": kind.describe(asked.arguments),
        "is_decided_here": _is_theirs(asked, request) and asked.asker_id != request.user.pk,
    }  # fmt: skip


def _is_theirs(asked: Proposal, request: HttpRequest) -> bool:
    """Whether the reader has the right to decide it."""
    return proposals.kind_of(asked).permission in menu.permissions(request)


for permission in OPENS:
    menu.register(
        menu.MenuEntry(
            menu.ADMINISTRATION, 690, gettext_lazy("Needs a second person"), "how_to_reg", "decisions", permission
        )
    )
