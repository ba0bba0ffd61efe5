"""Three realms of users on one host: each has its own cookie, its own login page and nothing of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from loyalty.kernel import telemetry
from loyalty.kernel.access import devices, factors, lockout, roles, sessions
from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm


@dataclass(frozen=True, slots=True)
class Door:
    """Where a realm lives: the first part of its addresses, that of its pages, its cookie.

    Its login page is below its pages, as is what a user does about the own sign-in.
    """

    realm: str
    prefix: str
    cookie: str
    pages: str

    @property
    def login(self) -> str:
        """The login page."""
        return f"{self.pages}login/"

    @property
    def security(self) -> str:
        """The pages about the own sign-in: second factor, sessions, password."""
        return f"{self.pages}security/"


DOORS = (
    Door(realm=Realm.PARTNER, prefix="/portal/", cookie="partner_session", pages="/portal/"),
    Door(realm=Realm.MEMBER, prefix="/my/", cookie="member_session", pages="/my/"),
)
STAFF_DOOR = Door(realm=Realm.STAFF, prefix="/", cookie="staff_session", pages="/admin/")


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
    """A user of one realm is nobody in another, even with a forged cookie.

    So is one whose session is over or has not passed the second factor: whatever door it came by, no page sees the user.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            if user.realm == door_of(request).realm and sessions.is_open(request, user):
                sessions.touch(request, user)
                roles.keep_for_request(user)
            else:
                request.user = AnonymousUser()
        return self.get_response(request)


class SetUpMiddleware:
    """Who must have a second factor and has none opens no page of the realm but its set-up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user, door, path = request.user, door_of(request), request.path_info
        is_page = path.startswith(door.pages)
        is_open = path.startswith((door.security, door.login, f"{door.pages}logout/", f"{door.pages}language/"))
        if is_page and not is_open and isinstance(user, User) and factors.is_missing(user):
            return HttpResponseRedirect(f"{door.security}second-factor/")
        return self.get_response(request)


class RealmBackend(ModelBackend):
    """Signs in by e-mail and password, into the realm of the login page only.

    Each try at a door is counted before it is judged. The answer to a wrong password, an unknown e-mail, another realm's
    or a switched-off user is the same, and so is the work behind it: one password is hashed.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        email = (username or "").strip().lower()
        if request is None:
            return super().authenticate(request, username=email, password=password, **kwargs)
        realm = door_of(request).realm
        # A browser that has signed this e-mail in before is counted apart from strangers.
        device = devices.known(request, realm, email)
        tries, place = f"password:{realm}:{email}:{device}", f"address:{telemetry.address()}"
        try:
            lockout.take(place, lockout.OF_ADDRESSES)
            lockout.take(tries)
        except lockout.TooManyTries as refusal:
            request.refused_sign_in = refusal  # type: ignore[attr-defined]
            raise PermissionDenied from refusal
        user = super().authenticate(request, username=email, password=password, **kwargs)
        if not isinstance(user, User) or user.realm != realm:
            telemetry.log().warning("sign_in.refused", realm=str(realm))
            return None
        lockout.forget(tries)
        lockout.give_back(place)
        return user
