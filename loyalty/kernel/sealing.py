"""Records sealed: a chain of keyed hashes over the audit trail, or over another table that only grows, made in the
background.

The running role cannot change a record; whoever may (an administrator of the database, a restored backup) cannot make
the hash that fits, because its key is not in the database. Each seal is also written to the log, which leaves the
machine: a chain whose end was cut off no longer reaches what the log knows.
"""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from loyalty.kernel import clock, jobs, scope, secrecy, telemetry
from loyalty.kernel.models import AuditRecord, AuditSeal
from loyalty.kernel.models.seals import Seal

JOB_KIND = "audit.verify"
LARGEST_BLOCK = 500
# A transaction that takes longer than this to commit has its records found by the check, as not sealed.
LOOKED_BACK = timedelta(hours=2)
SEALED_WITHIN = timedelta(hours=1)
MOST_TOLD = 20
_MILLISECOND = 22  # the low bits of a key: loyalty.kernel.ids
_FIELDS = (
    "id", "program_id", "recorded_at", "actor_kind", "actor_id", "actor_label", "action", "object_kind", "object_id",
    "object_label", "changes", "reason", "address", "trace_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chain:
    """A table whose records are sealed.

    :param name: of the hash, of the log's events and of the lock.
    :param content: the content of some records of one program, a line each in their order.
    """

    name: str
    records: type[models.Model]
    seals: type[Any]
    content: Callable[[Sequence[Any]], list[bytes]]

    def of(self, program_id: int | None) -> QuerySet[Any]:
        """The seals of one program, the first first."""
        return self.seals._default_manager.filter(program_id=program_id).order_by("position")

    def last(self, program_id: int | None) -> Any:
        """The newest seal."""
        return self.of(program_id).reverse().first()


@dataclass(frozen=True, slots=True)
class State:
    """How far a trail is sealed."""

    seals: int
    records: int
    waiting: int
    last: Seal | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not fit: ``broken`` (a seal), ``missing`` or ``unsealed`` (a record), ``gap`` (a seal is missing)."""

    kind: str
    number: int


def seal_due(program_id: int | None, chain: Chain | None = None) -> int:
    """Seal what is new of one program (``None``: the platform's trail), block after block; how many records."""
    sealed = 0
    while made := _seal_block(program_id, chain or AUDIT):
        sealed += made
    return sealed


def _seal_block(program_id: int | None, chain: Chain) -> int:
    with transaction.atomic():
        # One worker at a time: two would make two seals of one number.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{chain.name}:{program_id}"])
        last = chain.last(program_id)
        records = list(_unsealed(program_id, last, chain)[:LARGEST_BLOCK])
        if not records:
            return 0
        keys = [record.pk for record in records]
        made: Any = chain.seals._default_manager.create(
            program_id=program_id,
            position=last.position + 1 if last else 1,
            records=keys,
            covered=len(keys) + (last.covered if last else 0),
            newest=max(*keys, last.newest if last else 0),
            digest=_digest(chain, bytes(last.digest) if last else b"", program_id, records),
        )
    telemetry.log().info(
        "records.sealed", chain=chain.name, program=program_id, position=made.position, digest=bytes(made.digest).hex()
    )
    return len(records)


def _unsealed(program_id: int | None, last: Any, chain: Chain) -> QuerySet[Any]:
    """Records that no seal covers. Keys ascend with time, but a long transaction commits small ones late."""
    records = chain.records._default_manager.filter(program_id=program_id).order_by("pk")
    if last is None:
        return records
    since = last.newest - (int(LOOKED_BACK.total_seconds() * 1000) << _MILLISECOND)
    covered = RawSQL(
        f"SELECT unnest(records) FROM {chain.seals._meta.db_table} WHERE program_id IS NOT DISTINCT FROM %s AND newest > %s",
        [program_id, since],
    )
    return records.filter(pk__gt=since).exclude(pk__in=covered)


def state_of(program_id: int | None, chain: Chain | None = None) -> State:
    """How far the records of one program are sealed."""
    chain = chain or AUDIT
    last = chain.last(program_id)
    seals, records = (last.position, last.covered) if last else (0, 0)
    return State(seals=seals, records=records, waiting=_unsealed(program_id, last, chain).count(), last=last)


def verify(program_id: int | None, chain: Chain | None = None) -> Iterator[Finding | int]:
    """Walk one chain from its first seal: yields each finding, and after each seal the number of records done."""
    chain = chain or AUDIT
    before, position, done = b"", 0, 0
    for seal in chain.of(program_id).iterator(chunk_size=100):
        position += 1
        if seal.position != position:
            yield Finding("gap", position)
            position = seal.position
        found = chain.records._default_manager.in_bulk(seal.records)
        missing = [key for key in seal.records if key not in found]
        yield from (Finding("missing", key) for key in missing)
        present = [found[key] for key in seal.records if key in found]
        if not missing and not hmac.compare_digest(_digest(chain, before, program_id, present), bytes(seal.digest)):
            yield Finding("broken", seal.position)
        before, done = bytes(seal.digest), done + len(seal.records)
        yield done
    yield from (Finding("unsealed", key) for key in _never_sealed(program_id, chain))


def _never_sealed(program_id: int | None, chain: Chain) -> list[int]:
    records, seals = chain.records._meta.db_table, chain.seals._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT r.id FROM {records} r
            LEFT JOIN (SELECT unnest(records) AS id FROM {seals} WHERE program_id IS NOT DISTINCT FROM %(program)s) s
              ON s.id = r.id
            WHERE r.program_id IS NOT DISTINCT FROM %(program)s AND s.id IS NULL AND r.recorded_at < %(before)s
            ORDER BY r.id LIMIT %(most)s
            """,
            {"program": program_id, "before": clock.now() - SEALED_WITHIN, "most": MOST_TOLD},
        )
        return [row[0] for row in cursor.fetchall()]


def run_verify(run: jobs.Run) -> dict[str, object]:
    """The job: checks the trail of its program, and the platform's that all programs read."""
    program = run.job.program_id
    trails = [program] if program is None else [program, None]
    total, before = sum(state_of(trail).records for trail in trails), 0
    findings: list[Finding] = []
    for trail in trails:
        done = 0
        for step in verify(trail):
            if isinstance(step, Finding):
                findings.append(step)
            else:
                done = step
                run.report(before + done, total)
        before += done
    if findings:
        telemetry.log().error("audit.broken", program=program, findings=len(findings))
    told = [{"kind": one.kind, "number": str(one.number)} for one in findings[:MOST_TOLD]]
    return {"records": total, "findings": len(findings), "told": told}


def enter_trail(program_id: int | None) -> AbstractContextManager[scope.Scope]:
    """The scope in which one trail is sealed and read."""
    if program_id is None:
        return scope.enter([], scope.SYSTEM, is_operator=True)
    return scope.enter([program_id], scope.SYSTEM)


def _digest(chain: Chain, before: bytes, program_id: int | None, records: list[Any]) -> bytes:
    return digest_of(chain, before, program_id, chain.content(records))


def digest_of(chain: Chain, before: bytes, program_id: int | None, content: Sequence[bytes]) -> bytes:
    """The digest of a seal: over the digest before it and the lines of its records."""
    lines = [json.dumps({"program": program_id}).encode(), before.hex().encode(), *content]
    return secrecy.keyed_hash(b"\n".join(lines), chain.name)


def as_line(values: Mapping[str, Any]) -> bytes:
    """The content of a record as one line that is the same whenever it is made."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False, default=_plain).encode()


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _audited(records: Sequence[Any]) -> list[bytes]:
    return [as_line({name: getattr(record, name) for name in _FIELDS}) for record in records]


AUDIT = Chain("audit-chain", AuditRecord, AuditSeal, _audited)
