"""The pages themselves."""

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from loyalty.kernel import wording
from loyalty.kernel.access import factors, lockout, sessions
from loyalty.kernel.access.realms import door_of
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User
from loyalty.kernel.pages import staff
from loyalty.kernel.pages.login import CodeForm, safe_next
from loyalty.kernel.pages.security.agents import browser_name
from loyalty.kernel.pages.security.forms import ProofForm
from loyalty.kernel.pages.security.guard import own_page, proved, show

SHOWN_AND_SENT = ["GET", "HEAD", "POST"]


@require_GET
@own_page
def overview(request: HttpRequest, user: User) -> HttpResponse:
    """The second factor, the sessions, the password."""
    context = {
        "owner": user,
        "codes_left": factors.codes_left(user) if user.second_factor_at else 0,
        "is_demanded": factors.is_demanded(user),
        "sessions": [
            (one, browser_name(one.agent), one.session_key == request.session.session_key) for one in sessions.of(user)
        ],
    }
    return show(
        request, "kernel/security/overview.html", context, title=_("Your sign-in"), is_first=True,
        help_text=_("What keeps others out of your account, and where you are signed in now."),
    )  # fmt: skip


@sensitive_post_parameters()
@require_http_methods(SHOWN_AND_SENT)
@own_page
@proved
def set_up(request: HttpRequest, user: User) -> HttpResponse:
    """Tie an app on a phone to the account; it counts from the first code that fits."""
    if user.second_factor_at is not None:
        return HttpResponseRedirect(door_of(request).security)
    secret = factors.begin(user)
    form = CodeForm(request.POST if request.method == "POST" else None)
    form.fields["code"].help_text = _("Six digits that the app shows now.")
    if request.method == "POST" and form.is_valid():
        try:
            codes = factors.confirm(user, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", wording.sentence(refusal.code, refusal.facts))
        else:
            sessions.pass_factor(request, user)
            return _show_codes(request, codes)
    context = {
        "form": form, "picture": factors.picture(user, secret), "is_demanded": factors.is_demanded(user),
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
    }  # fmt: skip
    return show(
        request, "kernel/security/set_up.html", context, title=_("Set up the second factor"),
        help_text=_("From then on a stolen password alone opens nothing: each sign-in asks for a code of your phone."),
    )  # fmt: skip


@require_POST
@own_page
@proved
def renew_codes(request: HttpRequest, user: User) -> HttpResponse:
    """New recovery codes in place of all before."""
    if user.second_factor_at is None:
        return HttpResponseRedirect(door_of(request).security)
    return _show_codes(request, factors.renew_codes(user))


@require_http_methods(SHOWN_AND_SENT)
@own_page
@proved
def turn_off(request: HttpRequest, user: User) -> HttpResponse:
    """The password alone opens again."""
    door = door_of(request)
    if user.second_factor_at is None:
        return HttpResponseRedirect(door.security)
    if request.method == "POST":
        try:
            factors.turn_off(user)
            messages.success(request, _("The second factor is off."))
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
        return HttpResponseRedirect(door.security)
    return show(
        request, "kernel/security/turn_off.html", {}, title=_("Turn the second factor off"),
        help_text=_("Your password alone opens your account again, whoever has it."),
    )  # fmt: skip


@require_POST
@own_page
def sign_out_elsewhere(request: HttpRequest, user: User) -> HttpResponse:
    """End all sessions but this one."""
    sessions.end(user, but=request.session.session_key)
    messages.success(request, _("You are signed in here only."))
    return HttpResponseRedirect(door_of(request).security)


@sensitive_post_parameters()
@require_http_methods(SHOWN_AND_SENT)
@own_page
@proved
def password(request: HttpRequest, user: User) -> HttpResponse:
    """A new password of one's own; every other session ends."""
    form = SetPasswordForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        factors.record(user, "password_set")
        sessions.keep_after_password(request, user)
        messages.success(request, _("Your password is changed. You are signed in here only."))
        return HttpResponseRedirect(door_of(request).security)
    return show(
        request, "kernel/security/password.html", {"form": form}, title=_("Change password"),
        help_text=_("Length protects, odd signs do not: a few words that belong together for you alone are good."),
    )  # fmt: skip


@sensitive_post_parameters()
@require_http_methods(SHOWN_AND_SENT)
@own_page
def prove(request: HttpRequest, user: User) -> HttpResponse:
    """Show once more who one is, before something dangerous."""
    form = ProofForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        tries = f"proof:{user.pk}"
        try:
            lockout.take(tries)
            form.judge()
        except Refusal as refusal:
            form.add_error(None, wording.sentence(refusal.code, refusal.facts))
        else:
            lockout.forget(tries)
            sessions.prove(request)
            wanted = request.POST.get("next", "")
            return HttpResponseRedirect(safe_next(request, wanted, door_of(request).security))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return show(
        request, "kernel/security/prove.html", context, title=_("Is it you?"),
        help_text=_("What comes next is dangerous in wrong hands. Show once more who you are; it holds ten minutes."),
    )  # fmt: skip


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return show(
        request, "kernel/security/codes.html", {"codes": codes}, title=_("Your recovery codes"),
        help_text=_("Each opens your account once when the phone is lost. They are shown now and never again."),
    )  # fmt: skip
