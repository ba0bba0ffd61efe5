"""Steps on the rows of a file that need an open transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F

from loyalty.kernel import bulk
from loyalty.kernel.errors import NotFound, Refusal
from members.files.layout import FileRefused
from members.files.models import FileReject, FileState, PurchaseFile


class Reject(NamedTuple):
    """What is wrong with one cell."""

    line: int
    external_id: str
    field: str
    code: str
    facts: dict[str, Any]


class FileNotStopped(Refusal):
    """The file is being taken in, or is finished: there is nothing to go on with."""

    code = "files.not_stopped"
    status = 409


class ChunkTaken(Exception):
    """Somebody else has written down this chunk: this worker must let go."""


def locked(key: int) -> PurchaseFile:
    """The file, locked against whoever asks for the same.

    :raises NotFound: none here.
    """
    file = (
        PurchaseFile.objects.select_for_update(no_key=True, of=("self",)).select_related("job").filter(pk=key).first()
    )
    if file is None:
        raise NotFound()
    assert isinstance(file, PurchaseFile)
    return file


def begin_chunk(file: PurchaseFile, number: int, known: int) -> None:
    """Write down how much of a chunk the books hold before any of it is recorded."""
    mine = PurchaseFile.objects.filter(pk=file.pk, chunks_done=number, known_ahead__isnull=True)
    if not mine.update(known_ahead=known):
        raise ChunkTaken


def end_chunk(
    file: PurchaseFile, number: int, *, recorded: int, known: int, rejects: Sequence[Reject], rejected: int, amount: int
) -> None:
    """Write down what became of a chunk, once."""
    mine = PurchaseFile.objects.filter(pk=file.pk, chunks_done=number)
    if not mine.update(
        chunks_done=number + 1,
        known_ahead=None,
        recorded=F("recorded") + recorded,
        known=F("known") + known,
        rejected=F("rejected") + rejected,
        accepted_amount=F("accepted_amount") + amount,
    ):
        raise ChunkTaken
    bulk.insert(
        FileReject,
        ["program", "file", "line", "external_id", "field", "code", "facts"],
        [(file.program_id, file.pk, *reject) for reject in rejects],
        suffix="ON CONFLICT DO NOTHING",
    )


def refuse(file: PurchaseFile, refusal: FileRefused, now: datetime) -> None:
    """Refuse the whole file: nothing of it was taken in."""
    PurchaseFile.objects.filter(pk=file.pk, is_checked=False).update(
        state=FileState.REFUSED, problem=refusal.code, facts=dict(refusal.facts), finished_at=now
    )


def finish(file: PurchaseFile, now: datetime) -> None:
    """All of it is taken in."""
    PurchaseFile.objects.filter(pk=file.pk, state=FileState.OPEN).update(state=FileState.DONE, finished_at=now)
