"""Addresses with a NUL in them: no text of ours has one and PostgreSQL takes none, so they lead nowhere."""

from collections.abc import Callable
from urllib.parse import unquote_plus

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

NUL = "\0"
# Calls of the API say it in their own words.
_API = "/api/"


def has_nul(query: str) -> bool:
    """Whether a query, as it stands in the address, holds a NUL."""
    return NUL in unquote_plus(query)


class NulMiddleware:
    """Answers 404 to a path with a NUL and 400 to a query with one, before a view asks the database for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_API):
            if NUL in request.path_info:
                raise Http404
            if has_nul(request.META.get("QUERY_STRING", "")):
                raise BadRequest
        return self.get_response(request)
