"""A repeated request gets the first answer again; the same key with another body is refused."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import scope
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.errors import IdempotencyMismatch, Malformed, Refusal
from loyalty.kernel.models import StoredAnswer

HEADER = "Idempotency-Key"
LONGEST_KEY = 200


class StillRunning(Refusal):
    """The first request with this key is still being worked on."""

    code = "still_running"
    status = 409


def body_hash(body: bytes, path: str = "") -> bytes:
    """What is kept of a body to recognize its repeat."""
    return hashlib.sha256(path.encode() + b"\n" + body).digest()


def key_of(request: Request) -> str:
    """The request's key.

    :raises Malformed: there is none, or it is longer than 200 characters.
    """
    key = request.headers.get(HEADER, "")
    if not key or len(key) > LONGEST_KEY:
        raise Malformed(errors=[(HEADER, "required" if not key else "too_long")])
    return key


def request_key(request: Request) -> str:
    """The key as a service's request key: unique per API key."""
    return f"{holder(request).id}:{key_of(request)}"


def answer_once(request: Request, act: Callable[[], tuple[int, Mapping[str, Any]]]) -> Response:
    """Run ``act`` once for the request's key and keep its answer; a repeat gets the stored answer.

    ``act`` must itself be safe to repeat under the same key (its service takes ``request_key``): the answer is stored
    after it, so a crash in between is healed by the repeat.

    :raises IdempotencyMismatch: the key was used with another body.
    """
    key, digest = key_of(request), body_hash(request._request.body, request.path)
    found = StoredAnswer.objects.filter(api_key_id=holder(request).id, key=key).first()
    if found is not None:
        return replay(found, digest)
    status, content = act()
    try:
        with transaction.atomic():
            StoredAnswer.objects.create(
                program_id=scope.program_id(), api_key_id=holder(request).id, key=key, body_hash=digest,
                status=status, body=content,
            )  # fmt: skip
    except IntegrityError:
        return replay(StoredAnswer.objects.get(api_key_id=holder(request).id, key=key), digest)
    return Response(content, status=status)


def replay(found: StoredAnswer, digest: bytes) -> Response:
    """The first answer again."""
    if bytes(found.body_hash) != digest:
        raise IdempotencyMismatch()
    response = Response(found.body, status=found.status)
    response["Idempotent-Replay"] = "true"
    return response
