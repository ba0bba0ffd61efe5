"""Browsers in which a user has signed in before.

Wrong passwords from anywhere close an e-mail for a while. A browser that its owner has used is counted apart, so that a
stranger who guesses does not keep the owner out.
"""

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from loyalty.kernel.models import User

KNOWN_FOR_SECONDS = 180 * 86400
_SALT = "loyalty.access.devices"


def cookie_of(realm: str) -> str:
    """The name of the realm's cookie."""
    return f"{realm}_device"


def known(request: HttpRequest, realm: str, email: str) -> str:
    """The name of this browser, where it has signed this e-mail in before; empty for any other."""
    try:
        content = signing.loads(
            request.COOKIES.get(cookie_of(realm), ""), salt=f"{_SALT}.{realm}", max_age=KNOWN_FOR_SECONDS
        )
    except signing.BadSignature:
        return ""
    return str(content["device"]) if content["of"] == _of(email) else ""


def remember(request: HttpRequest, response: HttpResponse, user: User, path: str) -> None:
    """Let the browser be known from now on, at the addresses below ``path``."""
    device = known(request, user.realm, user.email) or secrets.token_hex(16)
    value = signing.dumps({"of": _of(user.email), "device": device}, salt=f"{_SALT}.{user.realm}")
    response.set_cookie(
        cookie_of(user.realm), value, max_age=KNOWN_FOR_SECONDS, path=path, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def _of(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
