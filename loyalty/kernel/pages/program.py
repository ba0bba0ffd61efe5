"""The program that a staff page works in: chosen in the session, shown in the header, carried by each form."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from loyalty.kernel import scope
from loyalty.kernel.access import roles
from loyalty.kernel.access.realms import STAFF_DOOR, door_of
from loyalty.kernel.models import User

SESSION_KEY = "program"
FORM_FIELD = "_program"


def actor_of(user: User) -> scope.Actor:
    """The user as the actor of a scope."""
    return scope.Actor(kind="user", id=user.pk, label=str(user))


def choices(user: User) -> list[int]:
    """The programs that a staff user may choose."""
    return scope.every_program() if user.is_operator else roles.programs_of(user)


def open_to(user: User) -> list[Any]:
    """The programs that a staff user may choose, with their names; enters a scope of its own to read them."""
    ids = choices(user)
    with scope.enter(ids, actor_of(user), is_operator=user.is_operator):
        return sorted(apps.get_model("programs_setup", "Program").objects.filter(pk__in=ids), key=str)


class ProgramMiddleware:
    """Enters the chosen program for the whole request of a staff user.

    A form made for another program than the one now chosen is refused: two tabs never write into each other.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.program_id = None  # type: ignore[attr-defined]
        user = request.user
        if not isinstance(user, User) or door_of(request) is not STAFF_DOOR or not user.is_staff:
            return self.get_response(request)
        open_programs = choices(user)
        chosen = request.session.get(SESSION_KEY)
        if chosen not in open_programs:
            chosen = open_programs[0] if open_programs else None
        request.program_id = chosen  # type: ignore[attr-defined]
        carried = request.POST.get(FORM_FIELD)
        if carried and carried != str(chosen):
            reason = _(
                "This form belongs to another program than the one now chosen. Go back, choose its program, try again."
            )
            return render(request, "400.html", {"reason": reason}, status=400)
        with ExitStack() as stack:
            stack.enter_context(scope.enter([chosen] if chosen else [], actor_of(user), is_operator=user.is_operator))
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
        return response
