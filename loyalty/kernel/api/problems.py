"""Errors as RFC 9457 ``application/problem+json``: a stable code for machines, words for people."""

from collections.abc import Mapping
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from loyalty.kernel import telemetry, wording
from loyalty.kernel.errors import Malformed, NotFound, Refusal

MEDIA_TYPE = "application/problem+json"
# One code for one thing, whoever noticed it: serializers of the framework say it in words of their own.
_OUR_CODES = {
    "null": "required",
    "blank": "required",
    "empty": "required",
    "max_length": "too_long",
    "min_value": "out_of_range",
    "max_value": "out_of_range",
    "invalid_choice": "not_a_choice",
    "not_a_dict": "invalid",
}
# The server shuts down, was ended, is not up yet or has no place left; two requests wait for each other.
_FOR_A_MOMENT = ("57P01", "57P02", "57P03", "53300", "40001", "40P01")
RETRY_AFTER = 2
_WHOLE_BODY = "non_field_errors"


def body(status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The problem object."""
    problem: dict[str, Any] = {
        "type": f"/api/v1/problems/{code}",
        "title": code.replace("_", " ").replace(".", ": "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        problem["errors"] = errors
    return problem


def _flatten(detail: Any, field: str = "") -> list[dict[str, str]]:
    if isinstance(detail, Mapping):
        parts = [
            _flatten(value, field if key == _WHOLE_BODY else f"{field}.{key}".strip("."))
            for key, value in detail.items()
        ]
        return [item for part in parts for item in part]
    if isinstance(detail, list):
        found: list[dict[str, str]] = []
        for index, value in enumerate(detail):
            is_nested = isinstance(value, Mapping | list)
            found += _flatten(value, f"{field}.{index}".strip(".") if is_nested else field)
        return found
    code = str(getattr(detail, "code", "invalid"))
    return [{"field": field or "body", "code": _OUR_CODES.get(code, code), "detail": str(detail)}]


def of_refusal(refusal: Refusal) -> tuple[int, dict[str, Any]]:
    """Status and problem of an expected no. An instant that explains it stands in the problem as well, by its name."""
    detail = wording.sentence(refusal.code, refusal.facts)
    errors = None
    if isinstance(refusal, Malformed):
        errors = [_named(*error) for error in refusal.facts.get("errors", [])]
    elif refusal.field:
        errors = [{"field": refusal.field % dict(refusal.facts), "code": refusal.code, "detail": detail}]
    return refusal.status, {
        **wording.instants(refusal.facts), **body(refusal.status, refusal.code, detail, errors)
    }  # fmt: skip


def _named(field: str, code: str, facts: Mapping[str, Any] | None = None) -> dict[str, str]:
    return {"field": field, "code": code, "detail": wording.sentence(code, facts or {})}


def describe(problem: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status and problem of whatever a handler may raise; None for what nobody expected."""
    if isinstance(problem, Refusal):
        return of_refusal(problem)
    if isinstance(problem, Http404):
        return of_refusal(NotFound())
    if isinstance(problem, exceptions.ValidationError):
        text = wording.sentence("malformed", {})
        return 400, body(400, "malformed", text, _flatten(problem.detail))
    if isinstance(problem, exceptions.APIException):
        code = str(problem.get_codes()) if isinstance(problem.get_codes(), str) else problem.default_code
        text = wording.sentence(code, {}) if code in wording.known() else str(problem.detail)
        return problem.status_code, body(problem.status_code, code, text)
    return None


def handle(problem: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. What nobody expected is a 500 that tells the trace id and nothing else."""
    described = describe(problem)
    if described is None:
        return None
    set_rollback()
    status, content = described
    response = Response(content, status=status, content_type=MEDIA_TYPE)
    wait = getattr(problem, "wait", None) or getattr(problem, "retry_after", None)
    if wait:
        response["Retry-After"] = str(int(wait))
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


def is_outage(problem: BaseException | None) -> bool:
    """Whether the database cannot for a moment: it is away or going away, or it ended one of two that wait for each other."""
    if not isinstance(problem, OperationalError | InterfaceError):
        return False
    state = getattr(problem.__cause__, "sqlstate", None)
    return state is None or state.startswith("08") or state in _FOR_A_MOMENT


def unavailable() -> JsonResponse:
    """503: nobody knows whether it was done; the same request again finds out, for it is done once."""
    response = respond(503, "unavailable")
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def respond(status: int, code: str) -> JsonResponse:
    """A problem outside DRF: unknown addresses and faults under /api/."""
    content = body(status, code, wording.sentence(code, {}))
    content["trace"] = telemetry.trace_id()
    return JsonResponse(content, status=status, content_type=MEDIA_TYPE)
