"""Personal data at rest: sealed by AES-GCM, found by a keyed hash.

``FIELD_KEYS`` holds base64 keys, the newest first: the first seals, each may open. The hash for exact search is HMAC-SHA-256
under a key derived from the last (oldest) key, so that adding a key does not lose the index.
"""

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12


@cache
def _keys() -> list[bytes]:
    assert settings.FIELD_KEYS, "FIELD_KEYS is empty: personal data cannot be sealed"
    return [hashlib.sha256(base64.b64decode(key)).digest() for key in settings.FIELD_KEYS]


def seal(text: str, *, program_id: int) -> bytes:
    """The text sealed for a program; opening it under another program fails."""
    return seal_for(text, str(program_id))


def unseal(sealed: bytes, *, program_id: int) -> str:
    """The text of :func:`seal`. An unknown key or another program is a programmer's mistake and raises."""
    return unseal_for(sealed, str(program_id))


def seal_for(text: str, purpose: str) -> bytes:
    """The text sealed for one purpose, which names the row that holds it; opening it for another fails."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_keys()[0]).encrypt(nonce, text.encode(), purpose.encode())


def unseal_for(sealed: bytes, purpose: str) -> str:
    """The text of :func:`seal_for`. An unknown key or another purpose is a programmer's mistake and raises."""
    nonce, body = bytes(sealed[:_NONCE]), bytes(sealed[_NONCE:])
    last: Exception | None = None
    for key in _keys():
        try:
            return AESGCM(key).decrypt(nonce, body, purpose.encode()).decode()
        except Exception as problem:  # the next key may fit
            last = problem
    raise AssertionError("sealed under a key that is not in FIELD_KEYS") from last


def blind_index(text: str, *, program_id: int, kind: str) -> bytes:
    """A keyed hash of a normalized value for exact search; equal values of two programs differ."""
    key = hmac.digest(_keys()[-1], b"blind-index", "sha256")
    return hmac.digest(key, f"{program_id}:{kind}:{text}".encode(), "sha256")


def keyed_hash(content: bytes, purpose: str) -> bytes:
    """A keyed hash for one purpose, 32 bytes: who has the database alone can neither make nor guess it."""
    return hmac.digest(hmac.digest(_keys()[-1], purpose.encode(), "sha256"), content, "sha256")
