"""Blocking and unblocking a member, and the part of the member's page that says what holds them back."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.forms import WordsField
from loyalty.kernel.registries import Panel
from members.callers.pages.guard import ask_reason
from members.desk.pages.member import crumbs
from members.desk.queries import finding, overview
from members.profiles import queries as profiles
from members.profiles import restraining
from members.profiles.models import Block, ContactChange, Member, MemberStatus

BLOCKS_SHOWN = 3


class ReasonForm(forms.Form):
    """Why a member is held back, or let go."""

    reason = WordsField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Kept in the audit trail with your name."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("blocks.set")
def block(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Block a member, with the reason."""
    return _with_reason(
        request, member_id, restraining.block_member, title=_("Block the member"), done=_("Blocked."), is_blocking=True
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("blocks.lift")
def unblock(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Lift a block, with the reason."""
    return _with_reason(
        request, member_id, restraining.unblock_member, title=_("Unblock the member"), done=_("Unblocked."),
        is_blocking=False,
    )  # fmt: skip


def _with_reason(
    request: HttpRequest, member_id: UUID, act: Callable[..., object], *, title: str, done: str, is_blocking: bool
) -> HttpResponse:
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    if member.status == MemberStatus.ERASED:
        raise NotFound()
    form, refused, back = ReasonForm(request.POST or None), "", reverse("desk-member", args=[member.public_id])
    if request.method == "POST" and form.is_valid():
        try:
            act(member.pk, reason=form.cleaned_data["reason"], at=clock.now())
            messages.success(request, done)
            return HttpResponseRedirect(back)
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
    context = {
        "form": form, "refused": refused, "back": back, "title_of_deed": title, "is_blocking": is_blocking,
        "name": finding.name_of(member),
    }  # fmt: skip
    return staff.show(
        request, "desk/block.html", context, title=title, crumbs=crumbs(member),
        help_text=_("A blocked member neither earns nor spends and is written nothing. What was bought can be returned."),
    )  # fmt: skip


def fill(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Whether spending is held, whether the member is blocked and why, and what the reader may do about it."""
    may = menu.permissions(request)
    is_open = member.status != MemberStatus.ERASED
    return {
        "member": member,
        "held": profiles.spending_held(member.pk, clock.now()),
        "changed": ContactChange.objects.filter(member=member).order_by("-pk").first(),
        "blocks": Block.objects.filter(member=member).order_by("-pk")[:BLOCKS_SHOWN],
        "may_change": is_open and "contacts.change" in may,
        "may_let_go_on": "contacts.decide" in may,
        "may_block": member.status == MemberStatus.ACTIVE and "blocks.set" in may,
        "may_unblock": member.status == MemberStatus.BLOCKED and "blocks.lift" in may,
    }


PANEL = Panel(page="member", position=8, template="desk/_restraints.html", fill=fill, permission="members.view")
