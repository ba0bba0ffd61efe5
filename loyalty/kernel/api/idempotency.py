"""A repeated request gets the first answer again; the same key with another body is refused."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import connection
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import arrays, scope
from loyalty.kernel.api import problems
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.errors import IdempotencyMismatch, Malformed, Refusal
from loyalty.kernel.models import StoredAnswer
from loyalty.kernel.unit_of_work import unit_of_work
from loyalty.kernel.unreadable import NUL

Given = TypeVar("Given")
Answer = tuple[int, Mapping[str, Any]]

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
# What follows finds few rows by their keys: the plan of one suits all, and is not made anew for each number of keys.
_LOCK_EACH = """
SELECT pg_try_advisory_xact_lock(n), set_config('plan_cache_mode', 'force_generic_plan', true)
FROM unnest(%s::bigint[]) WITH ORDINALITY AS a(n, place) ORDER BY place
"""
_FIND_EACH = """
SELECT key, body_hash, status, body #>> '{}' FROM loyalty_stored_answer
WHERE program_id = %s AND api_key_id = %s AND key = ANY(%s)
"""
# A key that was taken and never answered, because its request broke off, is answered now.
_KEEP_EACH = """
INSERT INTO loyalty_stored_answer (program_id, api_key_id, key, body_hash, status, body)
SELECT %s, %s, a.key, a.body_hash, a.status, to_jsonb(a.body)
FROM unnest(%b::text[], %b::bytea[], %b::smallint[], %b::text[]) AS a(key, body_hash, status, body)
ON CONFLICT (program_id, api_key_id, key) DO UPDATE SET status = excluded.status, body = excluded.body
"""


class StillRunning(Refusal):
    """The first request with this key is still being worked on."""

    code = "still_running"
    status = 409
    retry_after = 1


@dataclass(frozen=True, slots=True)
class Asked(Generic[Given]):
    """A request that is answered once: its key, what recognizes its body, and what it wants."""

    api_key_id: int
    key: str
    digest: bytes
    given: Given


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a request, and whether it had been given before."""

    status: int
    content: Any
    is_replay: bool = False


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
                return respond(Answered(found.status, json.loads(found.body), is_replay=True))
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
    return respond(Answered(status, json.loads(body)))


def asked(request: Request, given: Given) -> Asked[Given]:
    """A request as :func:`answer_each` takes it.

    :raises Malformed: as :func:`key_of` does.
    """
    digest = body_hash(request.data, str(request.method), request.path)
    return Asked(holder(request).id, key_of(request), digest, given)


def answer_each(
    asked: Sequence[Asked[Given]], act: Callable[[Sequence[Given]], Sequence[Answer | Refusal]]
) -> list[Answered | Refusal]:
    """Answer requests of one API key, each once, in one durable transaction; in the order given.

    What ``act`` does for the requests that are new, and their answers, are written together or not at all. A repeat gets the
    stored answer, a refusal too; one of a request beside it gets the answer of that. A malformed request leaves its key
    free. The exceptions among the answers are :class:`IdempotencyMismatch`, :class:`StillRunning` and :class:`Malformed`.
    """
    first: dict[str, int] = {}
    for place, one in enumerate(asked):
        first.setdefault(one.key, place)
    with unit_of_work():
        found = _answer_new([asked[place] for place in first.values()], act)
    return [
        found[one.key] if first[one.key] == place else _again(one, asked[first[one.key]], found, act)
        for place, one in enumerate(asked)
    ]


def _answer_new(
    asked: Sequence[Asked[Given]], act: Callable[[Sequence[Given]], Sequence[Answer | Refusal]]
) -> dict[str, Answered | Refusal]:
    """The answers to requests with different keys, by key."""
    found: dict[str, Answered | Refusal] = {}
    locked = []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_EACH, [[_lock_number(f"{one.api_key_id}:{one.key}") for one in asked]])
        for one, (is_locked, _mode) in zip(asked, cursor.fetchall(), strict=True):
            if is_locked:
                locked.append(one)
            else:
                found[one.key] = StillRunning()
        # Asked after the locks: what the first request with a key stored until it let go is seen.
        cursor.execute(_FIND_EACH, [scope.program_id(), asked[0].api_key_id, [one.key for one in locked]])
        stored = {row[0]: row[1:] for row in cursor.fetchall()}
    new = []
    for one in locked:
        digest, status, body = stored.get(one.key, (one.digest, UNANSWERED, ""))
        if bytes(digest) != one.digest:
            found[one.key] = IdempotencyMismatch()
        elif status != UNANSWERED:
            found[one.key] = Answered(status, json.loads(body), is_replay=True)
        else:
            new.append(one)
    if new:
        answers = act([one.given for one in new])
        found |= {one.key: _told(answer) for one, answer in zip(new, answers, strict=True)}
        _keep([(one, answer) for one in new if isinstance(answer := found[one.key], Answered)])
    return found


def _told(answer: Answer | Refusal) -> Answered | Refusal:
    if isinstance(answer, Malformed):
        return answer
    return Answered(*(problems.of_refusal(answer) if isinstance(answer, Refusal) else answer))


def _keep(answers: Sequence[tuple[Asked[Given], Answered]]) -> None:
    if not answers:
        return
    bodies = [JSONRenderer().render(told.content).decode() for _one, told in answers]
    columns = [
        arrays.column("text", [one.key for one, _told in answers]),
        arrays.column("bytea", [one.digest for one, _told in answers]),
        arrays.column("smallint", [told.status for _one, told in answers]),
        arrays.column("text", bodies),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_EACH, [scope.program_id(), answers[0][0].api_key_id, *columns])


def _again(
    one: Asked[Given],
    first: Asked[Given],
    found: Mapping[str, Answered | Refusal],
    act: Callable[[Sequence[Given]], Sequence[Answer | Refusal]],
) -> Answered | Refusal:
    """The answer to a request whose key came with one beside it; where that was not answered, it is the first now."""
    answer = found[one.key]
    if not isinstance(answer, Answered):
        return answer_each([one], act)[0]
    return replace(answer, is_replay=True) if one.digest == first.digest else IdempotencyMismatch()


def respond(answered: Answered) -> Response:
    """The answer over HTTP."""
    media_type = problems.MEDIA_TYPE if answered.status >= 400 else None
    response = Response(answered.content, status=answered.status, content_type=media_type)
    if answered.is_replay:
        response[REPLAY_HEADER] = "true"
    return response


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


def _lock_number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold a lock of the database session by name, so that two requests with one key never run side by side."""
    number = _lock_number(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise StillRunning()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
