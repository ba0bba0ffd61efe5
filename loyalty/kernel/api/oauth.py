"""``POST /api/v1/oauth/token``: OAuth 2.0 client credentials (RFC 6749, 4.4) for machines that speak nothing else.

The client is an API key: its public number is ``client_id``, its token ``client_secret``.
"""

import base64
import binascii
import hmac
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from loyalty.kernel import telemetry
from loyalty.kernel.api import rates, tokens
from loyalty.kernel.api.authentication import KeyHolder, holder_of

LARGEST_FORM = 8192
WORDS = {
    "invalid_request": "The form is incomplete, or says a thing twice.",
    "invalid_client": "No such key, or it is expired, revoked or not for here.",
    "unsupported_grant_type": "Only client_credentials.",
    "invalid_scope": "The key does not open all of this.",
    "slow_down": "Too many requests from here. Wait a second.",
}


class _No(Exception):
    """An answer of RFC 6749, 5.2."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


@method_decorator(sensitive_post_parameters(), name="dispatch")
class TokenView(APIView):
    """Lends a short-lived token of a key."""

    authentication_classes: Any = ()
    permission_classes: Any = ()
    parser_classes = (FormParser,)
    renderer_classes = (JSONRenderer,)

    @extend_schema(
        operation_id="oauth_token",
        tags=["oauth"],
        auth=[{}],  # type: ignore[list-item]
        request={"application/x-www-form-urlencoded": inline_serializer("TokenRequest", {
            "grant_type": serializers.ChoiceField(["client_credentials"]),
            "client_id": serializers.UUIDField(required=False, help_text="Unless HTTP Basic names it."),
            "client_secret": serializers.CharField(required=False, help_text="The key's token, unless by HTTP Basic."),
            "scope": serializers.CharField(required=False, help_text="Some of the key's scopes, by spaces; else all."),
        })},
        responses={
            200: inline_serializer("Token", {
                "access_token": serializers.CharField(), "token_type": serializers.CharField(),
                "expires_in": serializers.IntegerField(), "scope": serializers.CharField(),
            }),
            400: OpenApiResponse(description="An error of RFC 6749"),
            401: OpenApiResponse(description="invalid_client"),
            429: OpenApiResponse(description="slow_down"),
        },
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Give a bearer token, good for a quarter of an hour, for the key's program and partner."""
        try:
            return _answer(_lend(request._request, request), 200)
        except _No as no:
            response = _answer({"error": no.error, "error_description": WORDS[no.error]}, no.status)
            if no.status == 401:
                response["WWW-Authenticate"] = 'Basic realm="api"'
            return response


def _lend(raw: HttpRequest, request: Request) -> dict[str, Any]:
    try:
        rates.take_for_address(telemetry.address() or "")
    except rates.TooManyRequests as refusal:
        raise _No("slow_down", 429) from refusal
    if int(raw.META.get("CONTENT_LENGTH") or 0) > LARGEST_FORM:
        raise _No("invalid_request")
    form: Any = request.data
    if not hasattr(form, "lists") or any(len(values) != 1 for _name, values in form.lists()):
        raise _No("invalid_request")
    if "grant_type" not in form:
        raise _No("invalid_request")
    if form["grant_type"] != "client_credentials":
        raise _No("unsupported_grant_type")
    holder = _client(raw, form)
    wanted = frozenset(form.get("scope", "").split()) or holder.scopes
    if not wanted <= holder.scopes:
        raise _No("invalid_scope")
    return {
        "access_token": tokens.lend(holder.id, wanted), "token_type": "Bearer", "expires_in": tokens.SECONDS,
        "scope": " ".join(sorted(wanted)),
    }  # fmt: skip


def _client(raw: HttpRequest, form: Any) -> KeyHolder:
    kind, _space, packed = raw.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        if "client_secret" in form:
            raise _No("invalid_request")  # one way of signing in, not two
        try:
            name, _colon, secret = base64.b64decode(packed, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as problem:
            raise _No("invalid_client", 401) from problem
    else:
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
    # A lent token lends no further.
    holder = None if secret.startswith(tokens.PREFIX) else holder_of(secret)
    is_right = holder is not None and hmac.compare_digest(holder.public_id.encode(), name.lower().encode())
    if holder is None or not is_right or not holder.is_welcome(telemetry.address()):
        raise _No("invalid_client", 401)
    return holder


def _answer(content: dict[str, Any], status: int) -> HttpResponse:
    response = JsonResponse(content, status=status)
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response
