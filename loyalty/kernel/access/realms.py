"""Three realms of users on one host: each has its own cookie, its own login page and nothing of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm


@dataclass(frozen=True, slots=True)
class Door:
    """Where a realm lives: the first part of its addresses, its cookie and its login page."""

    realm: str
    prefix: str
    cookie: str
    login: str


DOORS = (
    Door(realm=Realm.PARTNER, prefix="/portal/", cookie="partner_session", login="/portal/login/"),
    Door(realm=Realm.MEMBER, prefix="/my/", cookie="member_session", login="/my/login/"),
)
STAFF_DOOR = Door(realm=Realm.STAFF, prefix="/", cookie="staff_session", login="/admin/login/")


def door_of(request: HttpRequest) -> Door:
    """The realm that an address belongs to; everything without a realm of its own is the staff's."""
    return next((door for door in DOORS if request.path_info.startswith(door.prefix)), STAFF_DOOR)


class RealmSessionMiddleware(SessionMiddleware):
    """Reads and writes the session under the cookie of the address's realm."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.SessionStore = import_module(settings.SESSION_ENGINE).SessionStore

    def process_request(self, request: HttpRequest) -> None:
        cookie = door_of(request).cookie
        request.session = self.SessionStore(request.COOKIES.get(cookie))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        # Django writes the one cookie of the settings: give it this realm's value and rename it on the way out.
        door = door_of(request)
        if door.cookie in request.COOKIES:
            request.COOKIES[settings.SESSION_COOKIE_NAME] = request.COOKIES[door.cookie]
        else:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        response = super().process_response(request, response)
        morsel = response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        if morsel is not None:
            response.cookies[door.cookie] = morsel.value
            response.cookies[door.cookie].update({key: value for key, value in morsel.items() if value})
            response.cookies[door.cookie]["path"] = door.prefix
        return response


class RealmGuardMiddleware:
    """A user of one realm is nobody in another, even with a forged cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and user.realm != door_of(request).realm:
            request.user = AnonymousUser()
        return self.get_response(request)


class RealmBackend(ModelBackend):
    """Signs in by e-mail and password, into the realm of the login page only."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        user = super().authenticate(request, username=(username or "").lower(), password=password, **kwargs)
        if not isinstance(user, User):
            return None
        if request is not None and user.realm != door_of(request).realm:
            return None
        return user
