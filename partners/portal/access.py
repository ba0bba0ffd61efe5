"""Who may open the portal, and as which partner of which program."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from loyalty.kernel import scope
from loyalty.kernel.access import roles
from loyalty.kernel.errors import NotFound
from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm
from loyalty.kernel.pages.program import actor_of
from partners.portal import queries
from partners.portal.queries import Place

View = Callable[..., HttpResponseBase]
PROGRAM_KEY = "portal_program"


def portal_page(permission: str) -> Callable[[View], View]:
    """Open a view to partner users who hold ``permission`` at their partner; it gets a :class:`Place`.

    The scope is the one program that the reader chose among those of the partner.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User) or user.realm != Realm.PARTNER or not user.is_active:
                return redirect_to_login(request.get_full_path(), login_url=reverse("portal-login"))
            partner_id = next((key for key, may in roles.partners_of(user).items() if permission in may), None)
            programs = queries.programs_of(partner_id) if partner_id is not None else []
            if partner_id is None or not programs:
                raise PermissionDenied
            chosen = request.session.get(PROGRAM_KEY)
            program = chosen if chosen in programs else programs[0]
            with scope.enter([program], actor_of(user)):
                place = queries.place_of(partner_id)
                if place is None:
                    raise PermissionDenied
                try:
                    response = view(request, place, *args, **kwargs)
                except NotFound as refusal:
                    raise Http404 from refusal
                # A lazy template reads the database: draw it while the scope is open.
                if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                    response = response.render()
                return response

        guarded.permissions = (permission,)  # type: ignore[attr-defined]
        return guarded

    return decorate


def frame(place: Place, active: str, request: HttpRequest) -> dict[str, Any]:
    """What the portal's frame shows around a page to whoever reads it."""
    may = roles.partners_of(request.user).get(place.partner.pk, frozenset()) if isinstance(request.user, User) else ()
    entries = (
        ("portal-home", _("Overview"), "dashboard"),
        ("portal-purchases", _("Purchases"), "receipt_long"),
        ("portal-statements", _("Statements"), "description"),
        *([("portal-people", _("People"), "group")] if "portal.administer" in may else []),
    )
    return {
        "portal": {
            "name": place.partner.name,
            "about": str(place.program.name),
            "symbol": "handshake",
            "language_url": reverse("portal-language"),
            "logout_url": reverse("portal-logout"),
            "security_url": reverse("portal-security"),
        },
        "navigation": [
            {"title": title, "icon": icon, "link": reverse(name), "is_active": name == active}
            for name, title, icon in entries
        ],
    }
