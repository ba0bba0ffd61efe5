"""Files over the storage of Django: a folder or an object store. Served only by a view that checks who asks."""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Sum

from loyalty.kernel import clock, scope
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import StoredFile, User


class QuotaReached(Refusal):
    """The program's files together would take more room than one program has (``FILES_MB_PER_PROGRAM``)."""

    code = "files.quota_reached"
    status = 409


def check_quota(content: IO[bytes]) -> None:
    """Refuse a file that somebody brings when there is no room for it beside the program's others, what was made included.

    Two at once are judged by the same sum and may go beyond it together: a few megabytes.

    :raises QuotaReached: there is no room.
    """
    size = content.seek(0, 2)
    content.seek(0)
    rows = StoredFile.objects.filter(program_id=scope.program_id())
    used = rows.aggregate(total=Sum("size"))["total"] or 0
    if used + size > settings.FILES_MB_PER_PROGRAM << 20:
        raise QuotaReached(megabytes=settings.FILES_MB_PER_PROGRAM)


def digest_of(content: IO[bytes]) -> str:
    """The SHA-256 of a content in hexadecimal digits; leaves it at its beginning."""
    digest = hashlib.sha256()
    for chunk in iter(lambda: content.read(1 << 20), b""):
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


def store(
    content: IO[bytes],
    *,
    kind: str,
    name: str,
    content_type: str,
    expires_at: datetime | None = None,
    partner_id: int | None = None,
    user: User | None = None,
) -> StoredFile:
    """Keep a file of the program in scope. The storage is written first: a row never points at nothing."""
    digest, size = hashlib.sha256(), 0
    for chunk in iter(lambda: content.read(1 << 20), b""):
        digest.update(chunk)
        size += len(chunk)
    content.seek(0)
    program = scope.program_id()
    path = default_storage.save(f"{program}/{kind}/{uuid.uuid4().hex}", File(content))
    return StoredFile.objects.create(
        program_id=program,
        kind=kind,
        name=name,
        content_type=content_type,
        size=size,
        sha256=digest.hexdigest(),
        path=path,
        expires_at=expires_at,
        partner_id=partner_id,
        requested_by=user,
    )


def find(public_id: uuid.UUID) -> StoredFile:
    """The file of the programs in scope.

    :raises NotFound: none here, or its time is over.
    """
    file = StoredFile.objects.filter(public_id=public_id).first()
    if file is None or (file.expires_at is not None and file.expires_at <= clock.now()):
        raise NotFound()
    return file


def open_content(file: StoredFile) -> IO[bytes]:
    """The file's content to be read as a stream; the caller closes it.

    :raises NotFound: the storage has lost it.
    """
    try:
        content: IO[bytes] = default_storage.open(file.path)
    except FileNotFoundError as problem:
        raise NotFound() from problem
    return content


def read(file: StoredFile) -> Iterator[bytes]:
    """The file's content in blocks; it is opened at once, so that a page can still say no.

    :raises NotFound: the storage has lost it.
    """
    return _blocks(open_content(file))


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        yield from iter(lambda: content.read(1 << 16), b"")


def let_expire(public_id: uuid.UUID, at: datetime) -> None:
    """Let a file of the programs in scope go at ``at``: nobody waits for it any more."""
    StoredFile.objects.filter(public_id=public_id).update(expires_at=at)


def remove_expired() -> int:
    """Delete the files of the programs in scope whose time is over; how many."""
    removed = 0
    for file in StoredFile.objects.filter(expires_at__lte=clock.now()):
        default_storage.delete(file.path)
        file.delete()
        removed += 1
    return removed
