"""Is it alive, is it ready, what does it count."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from loyalty.kernel import clock, replica
from loyalty.kernel.partitions import standing


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database answers and is migrated.

    A replica that is away or behind is told, and so are tables without a partition for the next month; both work on.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM loyalty_program_ids()")
        found, short = replica.state(), standing.running_out(clock.now())
    except DatabaseError as problem:
        return JsonResponse({"status": "unavailable", "problem": type(problem).__name__}, status=503)
    told = {"replica": "" if found == replica.State.NONE else found, "partitions_running_out": short}
    return JsonResponse({"status": "ok", **{name: value for name, value in told.items() if value}})


def metrics(request: HttpRequest) -> HttpResponse:
    """Counters with stable names, for a scraper of one's own: asked from ``METRICS_FROM`` and past every proxy."""
    asking = request.META.get("REMOTE_ADDR", "")
    if "HTTP_X_FORWARDED_FOR" in request.META or not any(
        ip_address(asking) in ip_network(network) for network in settings.METRICS_FROM
    ):
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
