"""Reads of files of purchases and of what was refused of them."""

import io
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from loyalty.kernel import wording
from loyalty.kernel.documents.streaming import CsvRows
from loyalty.kernel.errors import NotFound
from members.activity import received
from members.files.models import FileReject, PurchaseFile

__all__ = ["file_of", "files", "known_of", "reason", "rejects", "rejects_as_csv"]


def files() -> QuerySet[PurchaseFile]:
    """All files of the program in scope, the newest first."""
    found: QuerySet[PurchaseFile] = PurchaseFile.objects.select_related("job", "requested_by", "partner").order_by(
        "-id"
    )
    return found


def file_of(public_id: uuid.UUID, *, source: str | None = None) -> PurchaseFile:
    """One file; of a source alone where one is given.

    :raises NotFound: none here, or another source's.
    """
    file = files().filter(public_id=public_id, **({"source": source} if source is not None else {})).first()
    if file is None:
        raise NotFound()
    return file


def rejects(file: PurchaseFile) -> QuerySet[FileReject]:
    """What was refused, in the order of the file."""
    found: QuerySet[FileReject] = FileReject.objects.filter(file=file).order_by("line", "field")
    return found


def reason(code: str, facts: Mapping[str, Any]) -> str:
    """Why, in the reader's language."""
    return wording.sentence(code, facts)


def rejects_as_csv(file: PurchaseFile) -> Iterator[bytes]:
    """The rejects as a file in the reader's language, in blocks."""
    # Read and written before the first block leaves: a stream is read when the scope and the language are gone.
    content: IO[bytes] = tempfile.SpooledTemporaryFile(1 << 20)  # noqa: SIM115
    headings = [_("line"), _("receipt"), _("column"), _("code"), _("reason")]
    rows = CsvRows(content, headings, file.name, ZoneInfo("UTC"))  # type: ignore[arg-type]
    for one in rejects(file).iterator(1000):
        rows.add([one.line, one.external_id, one.field, one.code, reason(one.code, one.facts)])
    rows.close()
    content.seek(0)
    return iter(lambda: content.read(io.DEFAULT_BUFFER_SIZE), b"")


def known_of(source: str, external_ids: Iterable[str]) -> int:
    """How many of these purchases the books hold."""
    return len(received.purchases([(source, number) for number in external_ids]))
