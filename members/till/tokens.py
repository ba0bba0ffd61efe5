"""What a till without a line may believe about a balance: a note signed here, good for a day. Pure but for the key."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Note:
    """What the note says: a member of a program had so many smallest units of a point type at an instant."""

    program_id: int
    member: str
    point_type: str
    units: int
    at: datetime


@cache
def _key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"balance-token:" + secret.encode()).digest())


def public_key() -> str:
    """The key that verifies notes, base64."""
    return base64.b64encode(_key(settings.SECRET_KEY).public_key().public_bytes_raw()).decode()


def sign(note: Note) -> str:
    """The note with its signature, as text for a till to keep."""
    body = json.dumps([note.program_id, note.member, note.point_type, note.units, int(note.at.timestamp())]).encode()
    return f"{_text(body)}.{_text(_key(settings.SECRET_KEY).sign(body))}"


def read(token: str) -> Note | None:
    """The note behind a token; nothing when it was not signed here."""
    try:
        body, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
        _key(settings.SECRET_KEY).public_key().verify(signature, body)
        program_id, member, point_type, units, at = json.loads(body)
    except (ValueError, TypeError, InvalidSignature):
        return None
    return Note(program_id, member, point_type, units, datetime.fromtimestamp(at, UTC))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
