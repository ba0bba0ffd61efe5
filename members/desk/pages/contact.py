"""Changing how a member is reached, and letting spending go on after it."""

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
from members.callers import services as callers
from members.callers.pages.guard import ask_reason, check_address
from members.desk import reaching
from members.desk.pages.member import crumbs
from members.desk.pages.restraints import ReasonForm
from members.desk.queries import finding, overview
from members.profiles import contact as forms_of_contact
from members.profiles import queries as profiles
from members.profiles import restraining
from members.profiles.models import Member, MemberStatus
from programs.setup import terms
from programs.setup.models import Program

ASK = "ask"


class ContactForm(forms.Form):
    """The new e-mail, phone or both; what is left empty stays."""

    email = forms.EmailField(
        label=gettext_lazy("New e-mail"), required=False, max_length=254,
        widget=forms.EmailInput({"autocomplete": "off"}), help_text=gettext_lazy("Empty: stays as it is."),
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("New phone"), required=False, max_length=25,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel"}),
        help_text=gettext_lazy("With its country code. Empty: stays as it is."),
    )  # fmt: skip
    note = WordsField(
        label=gettext_lazy("Why"), max_length=300, required=False, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("For whoever decides, where no code was told."),
    )  # fmt: skip

    def clean_phone(self) -> str:
        """A phone number as people write it."""
        typed: str = self.cleaned_data["phone"]
        if typed and not forms_of_contact.looks_like_phone(typed):
            raise forms.ValidationError(wording.sentence("not_a_phone", {}))
        return typed


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("contacts.change")
def change_contact(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The new address; done at once after a code to the old one, else asked of another supervisor."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    if member.status == MemberStatus.ERASED:
        raise NotFound()
    form, refused, may_ask = ContactForm(request.POST or None), "", "contacts.decide" in menu.permissions(request)
    if request.method == "POST" and form.is_valid():
        try:
            _send(request, member, form.cleaned_data, is_asked=may_ask and ASK in request.POST)
            return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]))
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
    context = {
        "member": member, "name": finding.name_of(member), "form": form, "refused": refused, "may_ask": may_ask,
        "has_code": callers.has_code(member.pk, clock.now()), "check_address": check_address(request, member),
        "hours": int(terms.nearest(terms.CONTACT_HOLD_HOURS, Program.objects.get())),
        "back": reverse("desk-member", args=[member.public_id]),
    }  # fmt: skip
    return staff.show(
        request, "desk/change_contact.html", context, title=_("Change e-mail or phone"), crumbs=crumbs(member),
        help_text=_("Whoever reads the new address can spend. So the old one is asked first, and told afterwards."),
    )  # fmt: skip


def _send(request: HttpRequest, member: Member, given: dict[str, Any], *, is_asked: bool) -> None:
    wanted = {"email": given["email"], "phone": given["phone"], "at": clock.now()}
    if is_asked:
        reaching.ask_for_contact(member, note=given["note"], **wanted)
        messages.success(request, _("Asked for. Another supervisor decides; nothing has changed yet."))
        return
    callers.change_contact(member, **wanted)
    messages.success(request, _("Changed. The address known before is told."))


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("contacts.decide")
def let_spending_go_on(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """End the hold on spending before its time, with the reason."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    form, refused, now = ReasonForm(request.POST or None), "", clock.now()
    if request.method == "POST" and form.is_valid():
        try:
            restraining.let_spending_go_on(member.pk, reason=form.cleaned_data["reason"], at=now)
            messages.success(request, _("Points can be spent again."))
            return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]))
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
    context = {
        "form": form, "refused": refused, "held": profiles.spending_held(member.pk, now),
        "name": finding.name_of(member), "back": reverse("desk-member", args=[member.public_id]),
    }  # fmt: skip
    return staff.show(
        request, "desk/spending.html", context, title=_("Let spending go on"), crumbs=crumbs(member),
        help_text=_("For a member who has shown otherwise that the new address is theirs. Your reason is kept."),
    )  # fmt: skip
