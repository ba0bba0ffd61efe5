"""What a page about one member asks first: is the member open to the reader, and was the caller checked."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from members.callers import queries
from members.profiles.models import Member


def ask_reason(request: HttpRequest, member: Member) -> HttpResponse | None:
    """The way to the page that asks why, unless the member is open to the reader."""
    if queries.look_of(member.pk) is not None:
        return None
    # A form that was sent is not sent again by itself: what it says is on the page before.
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    return HttpResponseRedirect(_with_next(reverse("member-open", args=[member.public_id]), back))


def check_address(request: HttpRequest, member: Member) -> str:
    """Where the caller is checked, and from there back to the present page."""
    return _with_next(reverse("caller-check", args=[member.public_id]), request.get_full_path())


def _with_next(address: str, back: str) -> str:
    return f"{address}?{urlencode({'next': back})}" if back else address
