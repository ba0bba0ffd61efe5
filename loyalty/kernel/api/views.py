"""The base of every API view: the key's scope is entered for the whole request, and a repeat is told from a new one."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from loyalty.kernel.api import idempotency, rates
from loyalty.kernel.api.authentication import entered, holder
from loyalty.kernel.api.openapi import ApiSchema
from loyalty.kernel.errors import Malformed, NotFound
from loyalty.kernel.unreadable import NUL

BY_KEY = "key"
BY_EXTERNAL_ID = "external_id"
BY_OPERATION = "op_id"
BY_EITHER = "external_id or key"
BY_CONTENT = "content"
BY_STATE = "state"
WRITES_NOTHING = "nothing"
_ANYTHING = "*/*"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Negotiation(DefaultContentNegotiation):
    """Which form an answer has. Who accepts anything, or names the first form and nothing else, is not listened to for long."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        accepted = request.META.get("HTTP_ACCEPT", _ANYTHING)
        first = next(iter(renderers))
        is_plain = accepted in (_ANYTHING, first.media_type) and not format_suffix
        if is_plain and first.media_type is not None and not request.META.get("QUERY_STRING"):
            return first, first.media_type
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen


def _refuse_nul(request: Request, named: Mapping[str, Any]) -> None:
    """Nothing has a NUL in its name, and no text that is asked for."""
    if any(NUL in value for value in named.values() if isinstance(value, str)):
        raise NotFound()
    wrong = [name for name, values in request.query_params.lists() if NUL in "".join([name, *values])]
    if wrong:
        raise Malformed(errors=[(name.replace(NUL, ""), "not_a_text") for name in wrong])


class ApiView(APIView):
    """A view of the API. It cannot forget the scope: handlers run inside that of the key.

    ``required_scope`` names what the key must hold, ``scope_to_write`` what writes need where that is more. ``once_by``
    says what keeps a write from happening twice: the header ``Idempotency-Key`` (then it is required), the
    ``external_id`` in the body, either of the two, the ``op_id`` of a till in the body, the whole content of a file, the
    state of what it is about, or that nothing is written. Where the scope is not told to the database (``is_told``),
    handlers read and write within :func:`scope.told` only.
    """

    required_scope: ClassVar[str] = ""
    scope_to_write: ClassVar[str] = ""
    once_by: ClassVar[str] = BY_KEY
    is_told: ClassVar[bool] = True
    content_negotiation_class = Negotiation
    rate: rates.Rate | None = None
    schema = ApiSchema()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._entered:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _refuse_nul(request, kwargs)
        self._entered.enter_context(entered(holder(request), is_told=self.is_told))
        if request.method in WRITES and self._needs_key(request):
            idempotency.key_of(request)

    def _needs_key(self, request: Request) -> bool:
        has_name = isinstance(request.data, dict) and "external_id" in request.data
        return self.once_by == BY_KEY or (self.once_by == BY_EITHER and not has_name)

    def check_throttles(self, request: Request) -> None:
        """Count the request: of its key, and of the member that it reads."""
        key = holder(request)
        try:
            self.rate = rates.take_for_key(key.id, key.rate_per_second)
            if request.method not in WRITES and "identity" in self.kwargs:
                of_member = rates.take_for_member(key.program_id, self.kwargs["identity"])
                self.rate = min(self.rate, of_member, key=lambda rate: rate.remaining)
        except rates.TooManyRequests as refusal:
            self.rate = rates.Rate(refusal.facts["limit"], remaining=0)
            raise

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        final["Cache-Control"] = "no-store"
        if self.rate is not None:
            final["RateLimit-Limit"] = str(self.rate.limit)
            final["RateLimit-Remaining"] = str(self.rate.remaining)
            final["RateLimit-Reset"] = str(self.rate.reset)
        patch_vary_headers(final, ["Authorization", "Accept-Language"])
        return final
