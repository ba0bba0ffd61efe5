"""What every answer tells the browser: which sources it may use, which powers it gives up, what it may keep."""

from collections.abc import Callable
from functools import cache
from typing import Any

from csp.constants import NONE, SELF
from csp.middleware import HEADER, CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from loyalty.kernel.access.realms import STAFF_DOOR
from loyalty.kernel.api import problems

# What needs neither inline styles nor evaluated expressions: portals, doors, machines' addresses. The staff site's own
# policy stands in the settings, because its framework evaluates expressions from attributes.
STRICT: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
}
GIVEN_UP = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "usb", "web-share", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{power}=()" for power in GIVEN_UP)
_API = "/api/"
_DOCUMENTATION = "/api/v1/docs"


def is_strict(path: str) -> bool:
    """Whether an address gets the strict policy: all but the staff site behind its door, and the API's documentation."""
    if path.startswith(STAFF_DOOR.login):
        return True
    return not path.startswith((STAFF_DOOR.pages, _DOCUMENTATION))


class PolicyMiddleware(CSPMiddleware):
    """The content security policy of the address."""

    def get_policy_parts(self, request: HttpRequest, response: Any, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if is_strict(request.path_info) and not report_only:
            parts.config = STRICT
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not _is_usual(request):
            return super().process_response(request, response)
        response.setdefault(HEADER, _strict_policy())
        return response


def _is_usual(request: HttpRequest) -> bool:
    """Whether an answer gets the strict policy as it is: of the API, by which nothing is drawn that would change it."""
    is_of_api = request.path_info.startswith(_API) and is_strict(request.path_info)
    has_nonce = getattr(request, "_csp_nonce", None) is not None
    watches = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
    return is_of_api and not has_nonce and not watches and not settings.DEBUG


@cache
def _strict_policy() -> str:
    # Of a constant alone: it is the same for as long as the process lives.
    return str(build_policy(config=STRICT))


class HeadersMiddleware:
    """Powers given up, no use by other sites, and nothing kept of what a signed-in person saw."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        is_private = getattr(getattr(request, "user", None), "is_authenticated", False)
        if is_private and "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store, private"
        return response


class PlainHttpMiddleware:
    """Where pages are led to HTTPS, the API refuses plain HTTP: a machine that is led on sends its key in the clear forever."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_refused = settings.SECURE_SSL_REDIRECT and request.path_info.startswith(_API) and not request.is_secure()
        return problems.respond(403, "https_required") if is_refused else self.get_response(request)
