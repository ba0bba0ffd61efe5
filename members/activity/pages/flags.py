"""Flags on a member's page, and clearing one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import staff
from loyalty.kernel.pages.forms import WordsField
from loyalty.kernel.registries import Panel
from members.activity import flags
from members.activity.models import MemberFlag
from members.profiles.models import Member

MOST_SHOWN, CLEARED_SHOWN = 20, 3


class ClearForm(forms.Form):
    """What was found out."""

    reason = WordsField(
        label=gettext_lazy("What did you find out?"),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Kept with the flag, for whoever asks later."),
    )


def fill(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """The flags that stand, and those cleared last."""
    rows = MemberFlag.objects.filter(member=member).select_related("cleared_by")
    shown = list(rows.order_by(F("cleared_at").desc(nulls_first=True), "-pk")[:MOST_SHOWN])
    return {
        "standing": [flag for flag in shown if flag.cleared_at is None],
        "cleared": [flag for flag in shown if flag.cleared_at is not None][:CLEARED_SHOWN],
    }


PANEL = Panel(page="member", position=10, template="activity/_flags.html", fill=fill, permission="members.view")


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("members.block")
def clear(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """Clear a flag, with what was found out."""
    flag = MemberFlag.objects.filter(public_id=flag_id).select_related("member").first()
    if flag is None:
        raise NotFound()
    back = reverse("desk-member", args=[flag.member.public_id])
    form = ClearForm(request.POST or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            flags.clear_flag(flag_id=flag.pk, reason=form.cleaned_data["reason"], at=clock.now())
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
        else:
            messages.success(request, _("Cleared: %(flag)s.") % {"flag": flag.code})
            return HttpResponseRedirect(back)
    context = {"flag": flag, "form": form, "refused": refused, "back": back}
    crumbs = [(_("Member desk"), reverse("desk-find")), (flag.member.number, back)]
    return staff.show(
        request, "activity/clear_flag.html", context, title=_("Clear a flag"), crumbs=crumbs,
        help_text=_("Say what came of it. The flag and your words stay in the member's history."),
    )  # fmt: skip
