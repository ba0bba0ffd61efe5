"""Short-lived tokens: a key lends a part of what it opens for a quarter of an hour.

They are signed and not stored. What a token opens is looked up at its key each time: a key that is revoked, expired or
kept to other networks takes its tokens with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing

from loyalty.kernel import clock

PREFIX = "lt_"
SECONDS = 900
_SALT = "loyalty.api.tokens"


@dataclass(frozen=True, slots=True)
class Lent:
    """What a token says: whose key lent it and which scopes."""

    key_id: int
    scopes: frozenset[str]


def lend(key_id: int, scopes: Iterable[str]) -> str:
    """A token of a key for some of its scopes, good for :data:`SECONDS`."""
    until = int(clock.now().timestamp()) + SECONDS
    return PREFIX + signing.dumps({"k": key_id, "s": sorted(scopes), "u": until}, salt=_SALT, compress=True)


def read(token: str) -> Lent | None:
    """What a token says, if it is ours and its time is not over."""
    if not token.startswith(PREFIX):
        return None
    try:
        content = signing.loads(token.removeprefix(PREFIX), salt=_SALT)
    except signing.BadSignature:
        return None
    if content["u"] <= clock.now().timestamp():
        return None
    return Lent(key_id=content["k"], scopes=frozenset(content["s"]))
