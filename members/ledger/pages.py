"""The proof of the ledger: what the self-audit found last, how far entries are sealed, which wallets are frozen."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.forms import forms

from loyalty.kernel import sealing, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import Job
from loyalty.kernel.models.jobs import JobState
from loyalty.kernel.pages import menu, staff
from members.ledger import proofs
from members.ledger.chain import ENTRIES
from members.ledger.invariants import INVARIANTS
from members.ledger.models import Breach, Wallet
from members.profiles.models import AccountMember

MOST_SHOWN = 100
STATEMENTS: dict[str, Any] = {one.code: one.statement for one in INVARIANTS} | {
    proofs.CHAIN: gettext_lazy("every entry is as it was sealed"),
}


class ReleaseForm(forms.Form):
    """Why the wallet may be spent from again."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("ledger.prove")
def proof(request: HttpRequest) -> HttpResponse:
    """Shows the state; POST has the ledger proved in the background."""
    if getattr(request, "program_id", None) is None:
        raise NotFound()
    if request.method == "POST":
        proofs.ask()
        messages.success(request, _("The check runs. This page shows what it finds."))
        return HttpResponseRedirect(reverse("ledger-proof"))
    program_id: int = request.program_id  # type: ignore[attr-defined]
    last = Job.objects.filter(program_id=program_id, kind=proofs.JOB_KIND).order_by("-pk").first()
    breaches = list(Breach.objects.filter(resolved_at=None).order_by("-pk")[:MOST_SHOWN])
    frozen = list(Wallet.objects.filter(is_frozen=True).select_related("point_type").order_by("pk")[:MOST_SHOWN])
    owners = {
        one.account_id: one.member
        for one in AccountMember.objects.filter(
            account_id__in=[wallet.account_id for wallet in frozen], is_primary=True
        ).select_related("member")
    }
    context = {
        "job": last,
        "is_working": last is not None and not last.is_finished,
        "is_whole": last is not None and last.state == JobState.DONE and last.result.get("findings") == 0,
        "breaches": [(STATEMENTS.get(one.invariant, one.invariant), one) for one in breaches],
        "count": len(INVARIANTS),
        "state": sealing.state_of(program_id, ENTRIES),
        "frozen": [(wallet, owners.get(wallet.account_id)) for wallet in frozen],
        "may_open": "members.view" in menu.permissions(request),
    }
    return staff.show(
        request, "ledger/proof.html", context, title=_("Proof of the ledger"),
        help_text=_(
            "Every night, and whenever you ask, all sums of the ledger are added up again and its seals are checked. A "
            "wallet whose sums do not come out is frozen: it earns, but nothing is spent from it until you release it."
        ),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("ledger.prove")
def release(request: HttpRequest, wallet_id: int) -> HttpResponse:
    """Let a frozen wallet be spent from again."""
    wallet = Wallet.objects.filter(pk=wallet_id, is_frozen=True).select_related("account", "point_type").first()
    if wallet is None:
        raise NotFound()
    form, refused = ReleaseForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            proofs.release_wallet(wallet_id=wallet.pk, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
        else:
            messages.success(request, _("Released: points can be spent from it again."))
            return HttpResponseRedirect(reverse("ledger-proof"))
    context = {"wallet": wallet, "form": form, "refused": refused, "back": reverse("ledger-proof")}
    return staff.show(
        request, "ledger/release.html", context, title=_("Release a frozen wallet"),
        crumbs=[(_("Proof of the ledger"), reverse("ledger-proof"))],
        help_text=_("Say what was wrong and how it was put in order. Your words stay in the audit trail."),
    )  # fmt: skip


menu.register(
    menu.MenuEntry(
        menu.ADMINISTRATION, 645, gettext_lazy("Proof of the ledger"), "verified_user", "ledger-proof", "ledger.prove"
    )
)
menu.widen("ledger-proof", "ledger/")
