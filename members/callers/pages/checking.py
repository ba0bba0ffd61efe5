"""Checking a caller: a code to the known address, or two facts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import Refusal
from loyalty.kernel.pages import staff
from loyalty.kernel.pages.login import safe_next
from members.callers import operations, queries, services
from members.callers.forms import CodeForm, FactsForm
from members.callers.operations import Fact
from members.callers.pages import guard
from members.callers.pages.opening import member_of
from members.callers.services.checks import CODE_MINUTES, FACTS_ASKED
from members.profiles import contact
from members.profiles.models import Member

SEND, CODE, FACTS = "send", "code", "facts"


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("redemptions.make")
def check_caller(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Sends a code, takes it, or takes answers; a check that passed leads back to what was to be done."""
    member = member_of(member_id)
    if asked := guard.ask_reason(request, member):
        return asked
    wanted = request.POST.get("next") or request.GET.get("next", "")
    facts = list(operations.facts_of(member, was_shown=queries.was_shown(member.pk, clock.now())))
    refused: dict[str, str] = {}
    if request.method == "POST":
        way = request.POST.get("way", "")
        try:
            if _is_checked(request, member, way, facts):
                messages.success(request, _("Checked: it is the member who is calling."))
                page = reverse("desk-member", args=[member.public_id])
                return HttpResponseRedirect(safe_next(request, wanted, page))
        except Refusal as refusal:
            refused = {"way": FACTS if way == FACTS else CODE, "text": wording.sentence(refusal.code, refusal.facts)}
    email = operations.email_of(member)
    context = {
        "member": member, "name": queries.shown_name(member), "next": wanted, "refused": refused,
        "email": contact.masked_email(email), "waiting": queries.code_waiting(member.pk),
        "check": queries.check_in_force(member.pk), "code_form": CodeForm(auto_id="code_%s"),
        "facts_form": FactsForm(facts=facts, auto_id="fact_%s") if len(facts) >= FACTS_ASKED else None,
        "code_minutes": CODE_MINUTES, "back": reverse("desk-member", args=[member.public_id]),
    }  # fmt: skip
    return staff.show(
        request, "callers/check.html", context, title=_("Check the caller"), crumbs=_crumbs(member),
        help_text=_("Before points are spent: make sure that whoever is calling is the member. Every try is recorded."),
    )  # fmt: skip


def _is_checked(request: HttpRequest, member: Member, way: str, facts: Sequence[Fact]) -> bool:
    now = clock.now()
    if way == SEND:
        services.send_code(member, at=now)
        return False
    if way == CODE:
        form, waiting = CodeForm(request.POST), queries.code_waiting(member.pk, now)
        if waiting is None or not form.is_valid():
            raise services.CodeGone()
        services.take_code(waiting.public_id, form.cleaned_data["code"], at=now)
        return True
    answers = FactsForm(request.POST, facts=facts)
    services.answer_facts(member, answers.cleaned_data if answers.is_valid() else {}, at=now)
    return True


def _crumbs(member: Member) -> list[tuple[Any, str]]:
    page = reverse("desk-member", args=[member.public_id])
    return [(_("Member desk"), reverse("desk-find")), (queries.shown_name(member), page)]
