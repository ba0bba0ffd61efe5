"""Is it alive, is it ready, what does it count."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database answers and is migrated."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM loyalty_program_ids()")
    except DatabaseError as problem:
        return JsonResponse({"status": "unavailable", "problem": type(problem).__name__}, status=503)
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Counters with stable names, for a scraper on this machine."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
