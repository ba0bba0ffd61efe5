"""Taking in files of purchases: kept first, then checked as a whole, then recorded chunk by chunk through the one door."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import IO, Any

from django.db import IntegrityError

from loyalty.kernel import audit, clock, files, jobs
from loyalty.kernel.models import User
from loyalty.kernel.unit_of_work import unit_of_work
from members.files import checking, lanes, operations, purchases, queries, recording, staging
from members.files.lanes import Lanes
from members.files.layout import FileRefused
from members.files.models import FileState, PurchaseFile
from members.files.operations import FileNotStopped
from members.files.reading import LARGEST_BYTES, Empty, TooLarge
from members.files.staging import Chunks, StagedPurchase
from programs.setup.models import Program

JOB_KIND = "files.intake"
QUEUE = "reports"
# Purchases that are taken in between two reports: at the end of a chunk the lanes wait for each other. A file keeps its own
# number, so that whoever goes on after a new release finds the same chunks.
CHUNK = 8000
# Of so many bytes it is plain before they are read that there is work for two.
LARGE = 1 << 20
FILES_KEPT_FOR = timedelta(days=90)


def receive_file(
    content: IO[bytes], *, name: str, source: str, partner_id: int | None = None, user: User | None = None
) -> tuple[PurchaseFile, bool]:
    """Keep a file of purchases of a source and queue its intake. The file, and whether its content had come before.

    The same content of the same source again is the first file: nothing is queued.

    :raises Empty: there are no bytes.
    :raises TooLarge: there are too many.
    """
    size = check_size(content)
    digest = files.digest_of(content)
    before = PurchaseFile.objects.filter(source=source, sha256=digest)
    found = before.first()
    if found is not None:
        return queries.file_of(found.public_id), True
    try:
        with unit_of_work():
            file = _keep(content, name[-200:] or "purchases.csv", digest, size, source, partner_id, user)
    except IntegrityError:
        # Somebody sent the same at the same moment.
        return queries.file_of(before.get().public_id), True
    return queries.file_of(file.public_id), False


def check_size(content: IO[bytes]) -> int:
    """The size of a file that can be taken in; leaves it at its beginning.

    :raises Empty: there are no bytes.
    :raises TooLarge: there are too many.
    """
    size = content.seek(0, 2)
    if not size:
        raise Empty()
    if size > LARGEST_BYTES:
        raise TooLarge(megabytes=LARGEST_BYTES >> 20)
    files.check_quota(content)
    return size


def _keep(
    content: IO[bytes], name: str, digest: str, size: int, source: str, partner_id: int | None, user: User | None
) -> PurchaseFile:
    stored = files.store(
        content, kind="purchases", name=name, content_type="application/octet-stream",
        expires_at=clock.now() + FILES_KEPT_FOR, partner_id=partner_id, user=user,
    )  # fmt: skip
    file: PurchaseFile = PurchaseFile.objects.create(
        name=name, sha256=digest, size=size, content_file=stored.public_id, source=source, partner_id=partner_id,
        chunk=CHUNK, requested_by=user,
    )  # fmt: skip
    _queue(file, user)
    audit.record("purchase_file.received", file, changes={"file": (None, name), "source": (None, source)})
    return file


def _queue(file: PurchaseFile, user: User | None) -> None:
    job = jobs.enqueue(JOB_KIND, arguments={"file": file.pk}, queue=QUEUE, user=user)
    PurchaseFile.objects.filter(pk=file.pk).update(job=job)


def stop_file(file: PurchaseFile) -> None:
    """Ask the intake to stop after the chunk it is at. What is recorded stays.

    :raises FileNotStopped: it is finished.
    """
    if file.job is None or file.state != FileState.OPEN or file.job.is_finished:
        raise FileNotStopped()
    with unit_of_work():
        jobs.stop(file.job)
        audit.record("purchase_file.stopped", file)


def resume_file(file: PurchaseFile, *, user: User | None = None) -> None:
    """Go on with a file whose intake was stopped or failed, after the last chunk that was finished.

    :raises FileNotStopped: it is being taken in, or is finished.
    """
    with unit_of_work():
        held = operations.locked(file.pk)
        if not held.is_resumable:
            raise FileNotStopped()
        _queue(held, user)
        audit.record("purchase_file.resumed", held)


def run_intake(work: jobs.Run) -> Mapping[str, Any]:
    """Take a file in; the handler of the job. Safe to run again at any point: nothing is recorded twice.

    :raises FileRefused: the file as a whole cannot be trusted; nothing of it was recorded.
    """
    file = PurchaseFile.objects.get(pk=work.job.arguments["file"])
    program = Program.objects.get()
    if file.state != FileState.OPEN:
        return {"recorded": file.recorded, "rejected": file.rejected}
    work.report(0)
    with lanes.opened(file.source) as ways:
        # The process of the second lane starts while this one reads.
        if file.size >= LARGE:
            ways.open()
        try:
            columns = _stage(file, program, work)
        except FileRefused as refusal:
            with unit_of_work():
                operations.refuse(file, refusal, clock.now())
            raise
        file.refresh_from_db()
        total = file.purchases or 0
        if total - file.chunks_done * file.chunk >= lanes.FEWEST:
            ways.open()
        chunks = Chunks(file.chunk, file.decimals(program.currency), columns)
        for number in range(file.chunks_done, -(-total // file.chunk)):
            work.report(number * file.chunk, total)
            with recording.no_circles():
                _take_chunk(file, number, chunks, ways)
    with unit_of_work():
        operations.finish(file, clock.now())
    staging.drop()
    work.report(total, total)
    file.refresh_from_db()
    return {"recorded": file.recorded, "known": file.known, "rejected": file.rejected}


def _stage(file: PurchaseFile, program: Program, work: jobs.Run) -> Sequence[str]:
    """Stream the file in; what is wrong with it is found out once, so that whoever goes on leaves out the same.

    Answers the columns of its lines.
    """
    with files.open_content(files.find(file.content_file)) as content:
        counted, columns = staging.fill(content, currency=program.currency, exponent=program.exponent)
    work.report(0, counted.purchases)
    if file.is_checked:
        checking.recall_rejects(file)
        return columns
    checking.check(file, program, clock.now(), columns)
    with unit_of_work():
        rejected = checking.keep_rejects(file)
        PurchaseFile.objects.filter(pk=file.pk, is_checked=False).update(
            is_checked=True, rejected=rejected, **counted._asdict()
        )
    return columns


def _take_chunk(file: PurchaseFile, number: int, chunks: Chunks, ways: Lanes) -> None:
    """Record one chunk. Between its beginning and its end a worker may die: then another records what is left of it."""
    staged = chunks.of(number)
    known = PurchaseFile.objects.values_list("known_ahead", flat=True).get(pk=file.pk)
    if known is None:
        known = _known_of(staged, file.source)
        with unit_of_work():
            operations.begin_chunk(file, number, known)
    taken = ways.take(staged, following=lambda: chunks.read(number + 1))
    # A purchase that the books hold with another content is a reject, and no repeat.
    repeats = min(known - taken.repeated, taken.accepted)
    with unit_of_work():
        operations.end_chunk(
            file, number, recorded=taken.accepted - repeats, known=repeats, rejects=taken.rejects,
            rejected=taken.rejected, amount=taken.amount,
        )  # fmt: skip


def _known_of(staged: Sequence[StagedPurchase], source: str) -> int:
    """How many of the purchases that can be recorded the books hold."""
    known = queries.known_of(source, [one.external_id for one in staged])
    if not known:
        return 0
    return queries.known_of(source, [one.external_id for one in purchases.read(staged, source=source).given])
