"""The API key: who asks, in which program, with which scopes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from loyalty.kernel import clock, scope
from loyalty.kernel.models.keys import digest


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """An authenticated key as the request's user."""

    id: int
    program_id: int
    partner_id: int | None
    name: str
    scopes: frozenset[str]
    rate_per_second: int | None = None

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def actor(self) -> scope.Actor:
        """The key as the actor of a scope."""
        return scope.Actor(kind="key", id=self.id, label=self.name)


def holder_of(token: str) -> KeyHolder | None:
    """The holder of a usable token. The look-up needs no scope: the database answers it by a function of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM loyalty_key_by_digest(%s, %s)", [digest(token), clock.now()])
        row = cursor.fetchone()
    if row is None:
        return None
    return KeyHolder(
        id=row[0], program_id=row[1], partner_id=row[2], name=row[3], scopes=frozenset(row[4]),
        rate_per_second=row[5],
    )  # fmt: skip


@contextmanager
def entered(holder: KeyHolder) -> Iterator[scope.Scope]:
    """The scope of a key: its one program."""
    with scope.enter([holder.program_id], holder.actor) as entered_scope:
        yield entered_scope


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer lk_...``"""

    def authenticate(self, request: Request) -> tuple[KeyHolder, None] | None:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return None
        holder = holder_of(token.strip())
        if holder is None:
            raise AuthenticationFailed("The key is unknown, expired or revoked.", code="key_refused")
        return holder, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def holder(request: Any) -> KeyHolder:
    """The key behind an authenticated request."""
    user = request.user
    assert isinstance(user, KeyHolder), "the view has no permission class"
    return user
