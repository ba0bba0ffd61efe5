"""Tiers given by hand, with an end."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from loyalty.kernel import clock
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import staff
from members.activity import tiering
from members.callers.pages.guard import ask_reason
from members.desk import giving
from members.desk.forms import TierForm
from members.desk.queries import overview
from members.profiles.models import Member
from programs.tiers.models import TierScheme


def _back(member: Member) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]) + "#tiers")


@require_POST
@staff.staff_page("tiers.ask")
def grant_tier(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Ask for a tier above the present one, until a day or for ever; somebody else decides."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    form = TierForm(request.POST, ranks={})
    if not form.is_valid():
        for problem in form.errors.values():
            messages.error(request, str(problem[0]))
        return _back(member)
    tier = form.chosen
    try:
        giving.ask_for_tier(
            member, scheme=tier.scheme.code, tier=tier.code, until=form.first_day_without,
            note=form.cleaned_data["note"], at=clock.now(),
        )  # fmt: skip
    except Refusal as refusal:
        staff.tell_refusal(request, refusal)
        return _back(member)
    messages.success(
        request, _("Asked for: %(tier)s. Somebody else decides; nothing has changed yet.") % {"tier": tier}
    )
    return _back(member)


@require_POST
@staff.staff_page("tiers.grant")
def withdraw_tier(request: HttpRequest, member_id: UUID, scheme_id: int) -> HttpResponse:
    """End a given tier: the member has what was earned."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    scheme = TierScheme.objects.filter(pk=scheme_id).first()
    if scheme is None:
        raise NotFound()
    try:
        tiering.withdraw_tier(member_id=member.pk, scheme=scheme.code, note="", at=clock.now())
    except Refusal as refusal:
        staff.tell_refusal(request, refusal)
        return _back(member)
    messages.success(request, _("Withdrawn."))
    return _back(member)
