"""The settings of the member desk: what one agent may see and give, and what is held after a change of contact."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel.errors import NotFound
from loyalty.kernel.pages import staff
from loyalty.kernel.pages.security.guard import ask_again
from programs.setup import services, terms
from programs.setup.models import Program

PAGE = "desk-settings"
OF_THE_DESK = (
    terms.CORRECTION_DAILY_POINTS,
    terms.CONTACT_HOLD_HOURS,
    terms.LOOK_MINUTES,
    terms.LOOKS_PER_HOUR,
    terms.CALLER_MINUTES,
)


class DeskSettingsForm(forms.Form):
    """One field a setting, by its name."""

    correction_daily_points = forms.IntegerField(
        label=gettext_lazy("Points that one person may correct in a day"), required=False, min_value=0,
        max_value=1_000_000_000,
        help_text=gettext_lazy(
            "Given and taken, all reasons together, beside the limit of each reason. Beyond it a supervisor decides. "
            "Empty or 0: no such limit."
        ),
    )  # fmt: skip
    contact_hold_hours = forms.IntegerField(
        label=gettext_lazy("Hours without spending after a change of e-mail or phone"), min_value=0, max_value=8760,
        help_text=gettext_lazy("Points are earned as ever; a supervisor may let spending go on before. 0: none."),
    )  # fmt: skip
    look_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes that a member stays open after a reason was given"), min_value=1, max_value=480
    )
    looks_per_hour = forms.IntegerField(
        label=gettext_lazy("Members that one person may open in an hour"), min_value=1, max_value=1000
    )
    caller_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes that the check of a caller holds"), min_value=1, max_value=120
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("programs.edit")
def settings(request: HttpRequest) -> HttpResponse:
    """What agents of the program may do alone. Whoever changes it shows the password first."""
    if getattr(request, "program_id", None) is None:
        raise NotFound()
    if proof := ask_again(request):
        return proof
    present = services.present_terms(OF_THE_DESK, Program.objects.get())
    form = DeskSettingsForm(request.POST or None, initial=present, auto_id="desk_%s")
    if request.method == "POST" and form.is_valid():
        services.set_terms(OF_THE_DESK, form.cleaned_data)
        messages.success(request, _("Saved. The desk works so from now on."))
        return HttpResponseRedirect(reverse(PAGE))
    return staff.show(
        request, "desk/settings.html", {"form": form}, title=_("Settings of the member desk"),
        help_text=_("What one person may see and give alone, and how long spending waits after a change of contact."),
    )  # fmt: skip
