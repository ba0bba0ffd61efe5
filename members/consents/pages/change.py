"""Recording that a member gives or withdraws a consent: the text first, then the deed."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import staff
from members.callers.pages.guard import ask_reason
from members.consents import queries, services
from members.consents.forms import SaidForm
from members.consents.models import Decision
from members.consents.queries import Standing
from members.consents.services import Said
from members.profiles.models import Member, MemberStatus

CHANNEL = "desk"
LONGEST_KEY = 64


def _member(public_id: UUID) -> Member:
    member = Member.objects.filter(public_id=public_id).select_related("personal").first()
    if member is None or member.status == MemberStatus.ERASED:
        raise NotFound()
    return member


def _standing(member: Member, purpose: str) -> Standing:
    found = next((one for one in queries.standings(member.pk) if one.purpose.code == purpose), None)
    if found is None:
        raise NotFound()
    return found


def _crumbs(member: Member) -> list[tuple[Any, str]]:
    return [(_("Member desk"), reverse("desk-find")), (_name(member), reverse("desk-member", args=[member.public_id]))]


def _name(member: Member) -> str:
    personal = getattr(member, "personal", None)
    return (personal.full_name if personal else "") or member.number


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("consents.change")
def change(request: HttpRequest, member_id: UUID, purpose: str) -> HttpResponse:
    """The text and the question how the member said it; a post records it: given when it is not, else withdrawn."""
    member = _member(member_id)
    if asked := ask_reason(request, member):
        return asked
    standing = _standing(member, purpose)
    decision = Decision.WITHDRAWN if standing.is_given and not standing.is_of_older_text else Decision.GIVEN
    form = SaidForm(request.POST or None, initial={"language": member.language, "version": standing.present.version})
    refused = ""
    if request.method == "POST" and form.is_valid() and request.POST.get("decision") in Decision.values:
        try:
            _record(request, member, purpose, form)
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
        else:
            messages.success(request, _("Recorded: %(consent)s.") % {"consent": standing.purpose})
            return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]) + "#consents")
    text = (standing.last.text if standing.last and decision == Decision.WITHDRAWN else standing.present).text
    context = {
        "member": member, "name": _name(member), "standing": standing, "decision": decision, "form": form,
        "text": text.in_language(member.language), "language": member.language, "refused": refused,
        "request_key": uuid4().hex, "back": reverse("desk-member", args=[member.public_id]),
    }  # fmt: skip
    return staff.show(
        request, "consents/change.html", context, title=standing.purpose, crumbs=_crumbs(member),
        help_text=_("Write down what the member said, in the words that they were read."),
    )  # fmt: skip


def _record(request: HttpRequest, member: Member, purpose: str, form: SaidForm) -> None:
    key = request.POST.get("request_key", "")
    is_ours = key.isalnum() and key.isascii() and len(key) <= LONGEST_KEY
    said = Said(
        purpose=purpose, decision=Decision(request.POST["decision"]), version=form.cleaned_data["version"],
        method=form.cleaned_data["method"], language=form.cleaned_data["language"], channel=CHANNEL,
    )  # fmt: skip
    now = clock.now()
    services.record_consent(
        member_id=member.pk, said=said, request_key=f"desk:{key if is_ours else uuid4().hex}", at=now, now=now
    )
