"""The reader's language and time zone: what the user chose, else what the browser asks for."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from loyalty.kernel.models import User


class LanguageMiddleware:
    """Activates the language and the zone for one request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            language, zone = user.language, ZoneInfo(user.timezone)
        else:
            language, zone = translation.get_language_from_request(request), ZoneInfo("UTC")
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
        response.setdefault("Content-Language", language)
        return response
