"""Following one request through web, task and outbox: trace id, JSON log without personal data."""

import ipaddress
import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

_trace: ContextVar[str] = ContextVar("trace", default="")
_address: ContextVar[str | None] = ContextVar("address", default=None)

REQUESTS = Counter("loyalty_requests_total", "Requests by route and status", ["route", "status"])
REQUEST_SECONDS = Histogram("loyalty_request_seconds", "Seconds per request by route", ["route"])
POINTS_POSTED = Counter("loyalty_entries_total", "Ledger entries by kind", ["kind"])
BREACHES = Counter("loyalty_ledger_breaches_total", "Broken ledger invariants found", ["invariant"])

_CHAIN: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def trace_id() -> str:
    """The id that ties everything one request caused."""
    return _trace.get()


def address() -> str | None:
    """The network address of who asks, when somebody does."""
    return _address.get()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a deed comes from: the trace of its request, and the network address of who asked."""

    trace: str
    address: str | None


def origin() -> Origin:
    """Where what happens now comes from."""
    return Origin(_trace.get(), _address.get())


def set_trace(value: str) -> None:
    """Continue a trace that began elsewhere, for example in the request that queued a job."""
    _trace.set(value)


def log() -> Any:
    """The structured log; pass facts as keywords, never personal data."""
    return structlog.stdlib.get_logger("loyalty").bind(trace=trace_id())


def json_formatter() -> logging.Formatter:
    """One JSON object a line, for every logger."""
    structlog.configure(
        processors=[*_CHAIN, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
        foreign_pre_chain=_CHAIN,
    )


def _address_of(request: HttpRequest) -> str | None:
    """Who asks. What a client says of itself is believed only as far as one's own proxies wrote it down."""
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    proxies = settings.TRUSTED_PROXIES
    found = told[-proxies] if proxies and len(told) >= proxies else request.META.get("REMOTE_ADDR")
    try:
        return str(ipaddress.ip_address(found)) if found else None
    except ValueError:
        return None


class TraceMiddleware:
    """Gives each request an id, answers with it, and counts the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trace_token = _trace.set(uuid.uuid4().hex)
        address_token = _address.set(_address_of(request))
        try:
            with REQUEST_SECONDS.labels(route="all").time():
                response = self.get_response(request)
            response["Request-Id"] = trace_id()
            match = request.resolver_match
            REQUESTS.labels(route=match.route if match else "unknown", status=response.status_code).inc()
            return response
        finally:
            _trace.reset(trace_token)
            _address.reset(address_token)
