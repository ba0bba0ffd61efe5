"""Cards of a member: a lost one is blocked, another is issued."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import staff
from members.callers.pages.guard import ask_reason
from members.desk.forms import CardForm
from members.desk.queries import overview
from members.profiles import services as profiles
from members.profiles.models import Identifier, IdentifierKind, Member


def _back(member: Member) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]) + "#cards")


@require_POST
@staff.staff_page("members.enroll")
def block_card(request: HttpRequest, member_id: UUID, identifier_id: int) -> HttpResponse:
    """From now on the card names nobody; the balance stays."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    card = Identifier.objects.filter(pk=identifier_id, member=member).first()
    if card is None:
        raise NotFound()
    profiles.block_identifier(member.pk, kind=card.kind, value=card.value)
    messages.success(request, _("Blocked: %(card)s. The balance is untouched.") % {"card": card})
    return _back(member)


@require_POST
@staff.staff_page("members.enroll")
def issue_card(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Give the member the card whose number was typed, or a virtual one with a fresh number."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    form = CardForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is too long for a card number."))
        return _back(member)
    typed = form.cleaned_data["number"]
    kind = IdentifierKind.CARD if typed else IdentifierKind.VIRTUAL_CARD
    try:
        # The digits of a fresh member number carry a check digit and were never given to anybody.
        card = profiles.add_identifier(member.pk, kind=kind, value=typed or profiles.next_number()[1:])
    except Refusal as refusal:
        staff.tell_refusal(request, refusal)
        return _back(member)
    messages.success(request, _("Issued: %(card)s.") % {"card": card})
    return _back(member)
