"""A member's credit limit: how far below zero spending may go."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, money, wording
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.pages import figures, staff
from loyalty.kernel.pages.forms import WordsField
from members.callers.pages.guard import ask_reason
from members.desk.pages.member import crumbs
from members.desk.queries import finding, overview
from members.ledger import credit
from members.ledger.models import Wallet
from members.profiles import queries as profiles
from members.profiles.models import Member, MemberStatus
from programs.setup.models import PointType


class CreditForm(forms.Form):
    """Of which points, up to how many, and why."""

    point_type: "forms.ModelChoiceField[PointType]" = forms.ModelChoiceField(
        None, label=gettext_lazy("Point type"), empty_label=None
    )
    limit = forms.CharField(
        label=gettext_lazy("Credit limit"),
        max_length=24,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=gettext_lazy("So many points may be spent that are not there yet. 0 ends the credit."),
    )
    why = WordsField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Kept in the audit trail with your name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["point_type"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = PointType.objects.filter(archived_at__isnull=True, is_spendable=True)

    def clean(self) -> dict[str, Any]:
        """The limit in smallest units, as ``units``."""
        cleaned = super().clean() or self.cleaned_data
        if {"limit", "point_type"} <= set(cleaned):
            typed = "".join(str(cleaned["limit"]).split()).replace(",", ".")
            try:
                cleaned["units"] = money.to_units(typed, cleaned["point_type"].decimals)
            except Malformed as refusal:
                self.add_error("limit", wording.sentence(refusal.facts["errors"][0][1], {}))
            else:
                if cleaned["units"] < 0:
                    self.add_error("limit", _("Enter zero or an amount above it."))
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("members.adjust_unlimited")
def set_credit(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The limits in force and the form that changes one."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    if member.status == MemberStatus.ERASED:
        raise NotFound()
    form = CreditForm(request.POST or None, auto_id="credit_%s")
    refused = ""
    if request.method == "POST" and form.is_valid():
        point_type: PointType = form.cleaned_data["point_type"]
        try:
            wallet = credit.set_limit(
                member_id=member.pk, point_type_id=point_type.pk, limit=form.cleaned_data["units"],
                why=form.cleaned_data["why"], at=clock.now(),
            )  # fmt: skip
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
        else:
            shown = figures.points_of(wallet.credit_limit, point_type)
            messages.success(request, _("The credit limit is %(limit)s.") % {"limit": shown})
            return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]))
    context = {"member": member, "name": finding.name_of(member), "form": form, "refused": refused}
    return staff.show(
        request, "desk/credit.html", {**context, "wallets": _wallets(member)}, title=_("Credit limit"),
        crumbs=crumbs(member),
        help_text=_("Spending may go below zero up to the limit. The next points earned repay the debt first."),
    )  # fmt: skip


def _wallets(member: Member) -> list[Wallet]:
    rows = Wallet.objects.filter(account_id=profiles.primary_account(member.pk), point_type__is_spendable=True)
    return list(rows.select_related("point_type").order_by("point_type__position", "pk"))
