"""Opening a member: who it may be, masked, and the question why."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import staff
from loyalty.kernel.pages.login import safe_next
from members.callers import queries, services
from members.callers.forms import OpenForm
from members.callers.models import LookReason
from members.profiles import contact, details
from members.profiles.models import Identifier, IdentifierState, Member
from programs.setup import terms
from programs.setup.models import Program

SIGNS = {
    LookReason.CALL: "call",
    LookReason.VISIT: "storefront",
    LookReason.LETTER: "mail",
    LookReason.DECISION: "rule",
    LookReason.DOUBT: "policy",
    LookReason.OTHER: "edit_note",
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("members.view")
def open_member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """What tells the member apart, masked, and the reasons; choosing one opens the member for a while."""
    member = member_of(member_id)
    form = OpenForm(request.POST or None)
    wanted = request.POST.get("next") or request.GET.get("next", "")
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            services.open_member(member, **form.cleaned_data, at=clock.now())
            return HttpResponseRedirect(safe_next(request, wanted, reverse("desk-member", args=[member.public_id])))
        except Refusal as refusal:
            if refusal.field:
                form.add_error(refusal.field, wording.sentence(refusal.code, refusal.facts))
            else:
                refused = wording.sentence(refusal.code, refusal.facts)
    context = {
        "member": member, "name": queries.masked_name(member), "known": _known(member), "form": form, "next": wanted,
        "reasons": [(code, label, SIGNS[LookReason(code)]) for code, label in LookReason.choices], "refused": refused,
        "minutes": int(terms.nearest(terms.LOOK_MINUTES, Program.objects.get())),
    }  # fmt: skip
    return staff.show(
        request, "callers/open.html", context, title=_("Open a member"),
        crumbs=[(_("Member desk"), reverse("desk-find"))],
        help_text=_("Names and contacts are shown to whoever says why. Your reason is kept with your name."),
    )  # fmt: skip


def member_of(public_id: UUID) -> Member:
    """The member with this public id, personal data at hand.

    :raises NotFound: nobody in this program.
    """
    member = Member.objects.filter(public_id=public_id).select_related("personal").first()
    if member is None:
        raise NotFound()
    return member


def _known(member: Member) -> dict[str, str]:
    """What a caller can be told apart by, masked."""
    seen = details.details(member.pk, in_clear=False)
    card = Identifier.objects.filter(member=member, state=IdentifierState.ACTIVE).order_by("pk").last()
    return {
        "email": seen.email, "phone": seen.phone, "city": seen.city,
        "card": contact.masked_card(card.value) if card else "",
    }  # fmt: skip
