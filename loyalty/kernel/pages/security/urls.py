"""Addresses of the pages about the own sign-in, to be mounted below the pages of a realm."""

from django.urls import URLPattern, path

from loyalty.kernel.pages.login import second_step
from loyalty.kernel.pages.security import pages


def patterns(realm: str = "") -> list[URLPattern]:
    """The pages under names that begin with ``realm``."""
    return [
        path("login/code/", second_step, name=f"{realm}second-step"),
        path("security/", pages.overview, name=f"{realm}security"),
        path("security/second-factor/", pages.set_up, name=f"{realm}second-factor"),
        path("security/second-factor/off/", pages.turn_off, name=f"{realm}second-factor-off"),
        path("security/recovery-codes/", pages.renew_codes, name=f"{realm}recovery-codes"),
        path("security/sessions/", pages.sign_out_elsewhere, name=f"{realm}sign-out-elsewhere"),
        path("security/password/", pages.password, name=f"{realm}own-password"),
        path("security/prove/", pages.prove, name=f"{realm}prove"),
    ]
