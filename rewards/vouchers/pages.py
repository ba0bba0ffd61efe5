"""Withdrawing a voucher by hand."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import Refusal
from loyalty.kernel.pages import menu, staff
from rewards.vouchers import queries, services
from rewards.vouchers.forms import WithdrawForm
from rewards.vouchers.models import Voucher
from rewards.vouchers.worth import worth


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("redemptions.cancel")
def withdraw(request: HttpRequest, voucher_id: UUID) -> HttpResponse:
    """Withdraw a voucher, with the reason."""
    voucher = queries.voucher_by_id(voucher_id)
    back = _back(voucher)
    form = WithdrawForm(request.POST or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_voucher(code=voucher.code, reason=form.cleaned_data["reason"], at=clock.now())
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
        else:
            messages.success(request, _("Withdrawn: the voucher %(code)s.") % {"code": voucher.code})
            return HttpResponseRedirect(back)
    context = {
        "voucher": voucher, "worth": worth(voucher.template, voucher.program.currency), "form": form,
        "refused": refused, "back": back,
    }  # fmt: skip
    crumbs = [(menu.name_of(Voucher), reverse("admin:rewards_vouchers_voucher_changelist"))]
    return staff.show(
        request, "vouchers/withdraw.html", context, title=_("Withdraw a voucher"), crumbs=crumbs,
        help_text=_("A withdrawn voucher cannot be used any more. Your reason stays with it."),
    )  # fmt: skip


def _back(voucher: Voucher) -> str:
    if voucher.member is not None:
        return f"{reverse('desk-member', args=[voucher.member.public_id])}#vouchers"
    return reverse("admin:rewards_vouchers_voucher_changelist")
