"""Pages about the reader: program, language, time zone."""

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from loyalty.kernel.access.realms import door_of
from loyalty.kernel.models import User
from loyalty.kernel.pages import program, staff
from loyalty.kernel.pages.login import safe_next
from loyalty.kernel.pages.zones import zone_choices

LANGUAGES = dict(settings.LANGUAGES)


@require_POST
@staff.staff_page_for_everybody
def choose_program(request: HttpRequest) -> HttpResponse:
    """Work in another program from now on. One that is not open to the user does not exist."""
    user = request.user
    assert isinstance(user, User)
    chosen = request.POST.get("program", "")
    if chosen not in map(str, program.choices(user)):
        return HttpResponse(status=404)
    request.session[program.SESSION_KEY] = int(chosen)
    return HttpResponseRedirect(_list_above(safe_next(request, request.POST.get("next", ""), reverse("admin:index"))))


def _list_above(address: str) -> str:
    """An object of one program does not exist in another: lead from its page to the page above all objects."""
    parts = address.split("/")
    numbered = next((place for place, part in enumerate(parts) if part.isdigit() or part.count("-") == 4), None)
    return address if numbered is None else "/".join(parts[:numbered]) + "/"


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Read in another language: kept in a cookie, and on the user who is signed in to this realm."""
    code = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_next(request, request.POST.get("next", ""), door_of(request).prefix))
    if code not in LANGUAGES:
        return response
    if isinstance(request.user, User):
        request.user.language = code
        request.user.save(update_fields=["language"])
    _keep_language(request, response, code)
    return response


def _keep_language(request: HttpRequest, response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 86400,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=True,
    )


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """The reader's language and time zone."""

    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=zone_choices,
        help_text=gettext_lazy("Times are shown in this zone. Programs and locations keep their own."),
    )

    class Meta:
        model = User
        fields = ["name", "language", "timezone"]

    def clean_timezone(self) -> str:
        """Only zones that the machine knows."""
        zone = str(self.cleaned_data["timezone"])
        if zone not in available_timezones():
            raise forms.ValidationError(_("Choose a zone from the list."))
        return zone


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page_for_everybody
def preferences(request: HttpRequest) -> HttpResponse:
    """The reader's own name, language and time zone."""
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        with translation.override(user.language):
            messages.success(request, _("Saved."))
        response = HttpResponseRedirect(reverse("preferences"))
        _keep_language(request, response, user.language)
        return response
    return staff.show(
        request,
        "kernel/preferences.html",
        {"form": form},
        title=_("Your settings"),
        help_text=_("How the back office looks to you. Nobody else sees a difference."),
    )
