"""Open reservations on a member's page, letting one go by hand, and the settings of tills."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import figures, menu, staff
from loyalty.kernel.registries import Panel
from members.ledger import holds
from members.ledger.models import Hold
from members.profiles.models import Member
from members.till import queries, settling
from members.till.forms import ReleaseForm, TillSettingsForm
from programs.setup.models import Program

MOST_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("programs.edit")
def settings(request: HttpRequest) -> HttpResponse:
    """How tills work with points in the program."""
    if getattr(request, "program_id", None) is None:
        raise NotFound()
    program = Program.objects.get()
    present = settling.present(program)
    shown = {**present, "till_offline_limit": Decimal(present["till_offline_limit"]).scaleb(-program.exponent)}
    form = TillSettingsForm(request.POST or None, initial=shown, places=program.exponent, auto_id="till_%s")
    if request.method == "POST" and form.is_valid():
        settling.set_till(form.cleaned_data)
        messages.success(request, _("Saved. Tills work so from now on."))
        return HttpResponseRedirect(reverse("till-settings"))
    return staff.show(
        request, "till/settings.html", {"form": form, "currency": program.currency}, title=_("Settings of tills"),
        help_text=_("What tills do with points. What a till reserved or took before stays as it was."),
    )  # fmt: skip


menu.register(
    menu.MenuEntry(
        menu.ADMINISTRATION, 630, gettext_lazy("Settings of tills"), "tune", "till-settings", "programs.edit"
    )
)


def fill(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """The points that tills hold for the member now."""
    now = clock.now()
    return {
        "holds": [(one, _points(one), one.is_live(now)) for one in queries.holds_of(member.pk, MOST_SHOWN)],
    }


def _points(hold: Hold) -> figures.Measure:
    return figures.points_of(hold.amount, hold.wallet.point_type)


PANEL = Panel(page="member", position=20, template="till/_holds.html", fill=fill, permission="members.view")


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("redemptions.cancel")
def release(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Let reserved points go, with the reason: the till that holds them can no longer take them."""
    hold, member = queries.hold_for_page(hold_id)
    back = f"{reverse('desk-member', args=[member.public_id])}#reservations"
    form = ReleaseForm(request.POST or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            holds.release_hold(
                hold.pk, reason=form.cleaned_data["reason"], request_key=f"desk:{uuid4().hex}", at=clock.now()
            )
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
        else:
            messages.success(request, _("Free again: %(points)s.") % {"points": _points(hold)})
            return HttpResponseRedirect(back)
    context = {"hold": hold, "points": _points(hold), "form": form, "refused": refused, "back": back, "member": member}
    crumbs = [(_("Member desk"), reverse("desk-find")), (member.number, back)]
    return staff.show(
        request, "till/release.html", context, title=_("Let reserved points go"), crumbs=crumbs,
        help_text=_("For a till that will not come back for them. The member can spend them again at once."),
    )  # fmt: skip
