"""A repeated request gets the first answer again; the same key with another body is refused."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import scope
from loyalty.kernel.api import problems
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.errors import IdempotencyMismatch, Malformed, Refusal
from loyalty.kernel.models import StoredAnswer
from loyalty.kernel.unreadable import NUL

HEADER = "Idempotency-Key"
REPLAY_HEADER = "Idempotent-Replay"
LONGEST_KEY = 200
UNANSWERED = 0
_TAKE = """
INSERT INTO loyalty_stored_answer (program_id, api_key_id, key, body_hash, status, body)
VALUES (%s, %s, %s, %s, %s, '""') ON CONFLICT (program_id, api_key_id, key) DO NOTHING RETURNING id
"""
# As text: a jsonb object would come back with its fields in another order.
_KEEP = "UPDATE loyalty_stored_answer SET status = %s, body = to_jsonb(%s::text) WHERE id = %s"


class StillRunning(Refusal):
    """The first request with this key is still being worked on."""

    code = "still_running"
    status = 409
    retry_after = 1


def body_hash(content: Any, *names: str) -> bytes:
    """What is kept of a body to recognize its repeat: the same whatever the order of its fields and its white space.

    ``names`` are the parts of the address that belong to the content.
    """
    text = json.dumps([*names, content], sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).digest()


def key_of(request: Request) -> str:
    """The request's key.

    :raises Malformed: there is none, it is longer than 200 characters, or holds a NUL.
    """
    key = request.headers.get(HEADER, "")
    if not key or len(key) > LONGEST_KEY:
        raise Malformed(errors=[(HEADER, "required" if not key else "too_long")])
    if NUL in key:
        raise Malformed(errors=[(HEADER, "not_a_text")])
    return key


def request_key(request: Request) -> str:
    """The key as a service's request key: unique per API key, short whatever the caller sent."""
    return f"{holder(request).id}:{hashlib.sha256(key_of(request).encode()).hexdigest()[:40]}"


def answer_once(request: Request, act: Callable[[], tuple[int, Mapping[str, Any]]]) -> Response:
    """Run ``act`` once for the request's key and keep its answer; a repeat gets the stored answer, a refusal too.

    The key is taken before ``act`` and the answer stored after it: a crash in between is healed by the repeat, so the
    service behind ``act`` must itself be safe to repeat under :func:`request_key`. A malformed request and a fault of ours
    leave the key free.

    :raises IdempotencyMismatch: the key was used with another body.
    :raises StillRunning: the first request with the key has not been answered yet.
    """
    key, digest = key_of(request), body_hash(request.data, str(request.method), request.path)
    with alone(f"{holder(request).id}:{key}"):
        # A new key takes one statement. Where it is not new, its row is read; a sweep may have forgotten it in between.
        while (taken := _take(holder(request).id, key, digest)) is None:
            found = StoredAnswer.objects.filter(api_key_id=holder(request).id, key=key).first()
            if found is not None and bytes(found.body_hash) != digest:
                raise IdempotencyMismatch()
            if found is not None and found.status != UNANSWERED:
                return _replay(found)
            if found is not None:
                taken = found.pk
                break
        try:
            status, content = act()
        except Malformed:
            StoredAnswer.objects.filter(pk=taken).delete()
            raise
        except Refusal as refusal:
            status, content = problems.of_refusal(refusal)
        body = JSONRenderer().render(content).decode()
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [status, body, taken])
            assert cursor.rowcount == 1, "the answer's row is there while its lock is held"
    return _response(status, body)


def _take(api_key_id: int, key: str, digest: bytes) -> int | None:
    """Take a key that is not taken; the id of its row."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [scope.program_id(), api_key_id, key, digest, UNANSWERED])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def forget_old(now: datetime) -> int:
    """Delete the answers of the program in scope that were kept long enough; how many."""
    deleted, _by_model = StoredAnswer.objects.filter(recorded_at__lt=now - settings.IDEMPOTENCY_KEPT_FOR).delete()
    return deleted


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold a lock of the database session by name, so that two requests with one key never run side by side."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise StillRunning()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def _response(status: int, body: str) -> Response:
    return Response(json.loads(body), status=status, content_type=problems.MEDIA_TYPE if status >= 400 else None)


def _replay(found: StoredAnswer) -> Response:
    response = _response(found.status, found.body)
    response[REPLAY_HEADER] = "true"
    return response
