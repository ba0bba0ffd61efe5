"""The API key: who asks, in which program, with which scopes, from where."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from loyalty.kernel import clock, scope, telemetry
from loyalty.kernel.api import sessions, tokens
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
    networks: tuple[str, ...] = ()
    public_id: str = ""
    location: str | None = None
    """The code of the only location that the key speaks for; none: of all that its program or partner has."""

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def actor(self) -> scope.Actor:
        """The key as the actor of a scope."""
        return scope.Actor(kind="key", id=self.id, label=self.name)

    def is_welcome(self, address: str | None) -> bool:
        """Whether the key opens from an address; without a list it does from everywhere."""
        if not self.networks:
            return True
        if address is None:
            return False
        asking = ipaddress.ip_address(address)
        if isinstance(asking, ipaddress.IPv6Address) and asking.ipv4_mapped is not None:
            asking = asking.ipv4_mapped
        return any(asking in ipaddress.ip_network(network) for network in self.networks)


def holder_of(token: str) -> KeyHolder | None:
    """The holder of a usable token: the key's own, the former one while it still counts, or a short-lived one.

    The look-up needs no scope: the database answers it by a function of its own.
    """
    lent = tokens.read(token)
    if lent is not None:
        found = _look_up("loyalty_key_by_id(%s, %s)", lent.key_id)
        return replace(found, scopes=found.scopes & lent.scopes) if found else None
    if token.startswith(tokens.PREFIX):
        return None
    return _look_up("loyalty_key_by_digest(%s, %s)", digest(token))


def _look_up(function: str, wanted: Any) -> KeyHolder | None:
    row = sessions.first_row(f"SELECT * FROM {function}", [wanted, clock.now()])
    if row is None:
        return None
    return KeyHolder(
        id=row[0], program_id=row[1], partner_id=row[2], name=row[3], scopes=frozenset(row[4]),
        rate_per_second=row[5], networks=tuple(row[6]), public_id=str(row[7]),
        location=row[8],
    )  # fmt: skip


@contextmanager
def entered(holder: KeyHolder, *, is_told: bool = True) -> Iterator[scope.Scope]:
    """The scope of a key: its one program; see :func:`scope.enter`."""
    with scope.enter([holder.program_id], holder.actor, is_told=is_told) as entered_scope:
        yield entered_scope


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer lk_...``, or a short-lived ``lt_...`` of the token address."""

    def authenticate(self, request: Request) -> tuple[KeyHolder, None] | None:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return None
        holder = holder_of(token.strip())
        if holder is None or not holder.is_welcome(telemetry.address()):
            raise AuthenticationFailed("The key is unknown, expired, revoked or not for here.", code="key_refused")
        return holder, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def holder(request: Any) -> KeyHolder:
    """The key behind an authenticated request."""
    user = request.user
    assert isinstance(user, KeyHolder), "the view has no permission class"
    return user
