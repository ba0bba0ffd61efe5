"""Who may open these pages, in which frame, and when a password is asked for once more."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from loyalty.kernel.access import sessions
from loyalty.kernel.access.realms import STAFF_DOOR, door_of
from loyalty.kernel.models import User
from loyalty.kernel.pages import staff

View = Callable[..., HttpResponseBase]


def own_page(view: View) -> View:
    """Open a view to whoever is signed in to the realm of its address; it gets the user as its second argument."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path(), login_url=door_of(request).login)
        return view(request, user, *args, **kwargs)

    guarded.permissions = ()  # type: ignore[attr-defined]
    return guarded


def proved(view: View) -> View:
    """Open a view only to a session that has shown its password within the last minutes; asks for it otherwise."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return ask_again(request) or view(request, *args, **kwargs)

    return guarded


def ask_again(request: HttpRequest) -> HttpResponse | None:
    """The way to the page that asks for the password, unless it was shown lately."""
    if sessions.is_proved(request):
        return None
    back = request.get_full_path()
    return HttpResponseRedirect(f"{door_of(request).security}prove/?{urlencode({'next': back})}")


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, title: str, help_text: str, is_first: bool = False
) -> HttpResponse:
    """Draw a page in the frame of its realm."""
    door = door_of(request)
    context = {**context, "security": door.security, "home": door.pages}
    if door is STAFF_DOOR:
        crumbs: Sequence[tuple[Any, str]] = () if is_first else [(_("Your sign-in"), door.security)]
        values = {**context, "frame": "kernel/staff.html"}
        return staff.show(request, template, values, title=title, crumbs=crumbs, help_text=help_text)
    values = {**context, "frame": "kernel/security/plain.html", "title": title, "help_text": help_text}
    return render(request, template, values)
