"""Signing in: the password first, then the second factor of whoever has one. Every realm's login page stands on this."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, wording
from loyalty.kernel.access import devices, factors, sessions
from loyalty.kernel.access.realms import door_of
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User

WAITING = "waiting_for_code"
WAITS_FOR_SECONDS = 600
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


class LoginForm(AuthenticationForm):
    """E-mail and password, with words that say what to do and never whether the e-mail is known."""

    error_messages = {
        "invalid_login": gettext_lazy("This e-mail and password do not belong together. Check both and try again."),
        "inactive": gettext_lazy("This account is switched off. Ask whoever runs the platform."),
    }

    def get_invalid_login_error(self) -> forms.ValidationError:
        refusal = getattr(self.request, "refused_sign_in", None)
        if refusal is not None:
            return forms.ValidationError(wording.sentence(refusal.code, refusal.facts))
        return super().get_invalid_login_error()


class Login(LoginView):
    """The first step. A right password of a user with a second factor opens nothing but the second step."""

    template_name = "kernel/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "app_path": self.request.get_full_path()}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)
        if user.second_factor_at is None:
            return enter(self.request, user, self.get_success_url())
        # A new session: nothing of a stranger's stays in it.
        self.request.session.flush()
        self.request.session[WAITING] = {
            "user": user.pk, "password": user.get_session_auth_hash(), "at": clock.now().timestamp(),
            "next": self.get_success_url(),
        }  # fmt: skip
        return HttpResponseRedirect(f"{door_of(self.request).login}code/")


class StaffLogin(Login):
    """The door of the back office."""

    template_name = "admin/login.html"
    extra_context = {"title": gettext_lazy("Sign in to the back office")}

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")


class CodeForm(forms.Form):
    """A code of the app, or one of those on paper."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false", "autocapitalize": "off"}
        ),
        help_text=gettext_lazy("Six digits of the app on your phone. Without the phone: one of your recovery codes."),
    )


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code of whoever has shown the right password a moment ago."""
    door = door_of(request)
    user, following = _who_waits(request)
    if user is None:
        request.session.pop(WAITING, None)
        return HttpResponseRedirect(door.login)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.check(user, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", wording.sentence(refusal.code, refusal.facts))
        else:
            del request.session[WAITING]
            return enter(request, user, following)
    context = {"form": form, "title": _("Second step"), "back": door.login}
    return render(request, "kernel/security/second_step.html", context)


def enter(request: HttpRequest, user: User, following: str) -> HttpResponse:
    """Begin the session of a user who has shown all that is asked for, and lead on."""
    login(request, user, backend=BACKEND)
    if user.second_factor_at is not None:
        sessions.pass_factor(request, user)
    factors.record(user, "signed_in")
    response = HttpResponseRedirect(following)
    devices.remember(request, response, user, door_of(request).login)
    return response


def safe_next(request: HttpRequest, wanted: str, fallback: str) -> str:
    """Where to go next, if that is on this host and in this realm."""
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and here else fallback


def _who_waits(request: HttpRequest) -> tuple[User | None, str]:
    waiting = request.session.get(WAITING)
    if not isinstance(waiting, dict) or clock.now().timestamp() - waiting["at"] > WAITS_FOR_SECONDS:
        return None, ""
    user = User.objects.filter(pk=waiting["user"], realm=door_of(request).realm, is_active=True).first()
    # The password was changed meanwhile, or the factor taken away: begin anew.
    if user is None or user.second_factor_at is None or user.get_session_auth_hash() != waiting["password"]:
        return None, ""
    return user, str(waiting["next"])
