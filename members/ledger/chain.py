"""The chain over the ledger: entries with their postings under seals, and a copy that is checked without the database."""

import gzip
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loyalty.kernel import scope, sealing
from loyalty.kernel.errors import Refusal
from members.ledger.models import Entry, EntrySeal, Posting

_ENTRY = (
    "id", "public_id", "account_id", "kind", "cause_kind", "cause_id", "request_key", "actor_kind", "actor_id",
    "reverses_id", "reason_id", "note", "occurred_at", "effective_at", "recorded_at",
)  # fmt: skip
_POSTING = ("id", "wallet_id", "point_type_id", "bucket", "partner_id", "amount")


class CopyUnreadable(Refusal):
    """The file is no whole copy of a chain."""

    code = "ledger.copy_unreadable"
    status = 400


def _content(entries: Sequence[Any]) -> list[bytes]:
    postings: dict[int, list[list[Any]]] = {}
    rows = Posting.objects.filter(entry_id__in=[entry.pk for entry in entries]).order_by("entry_id", "id")
    for entry_id, *leg in rows.values_list("entry_id", *_POSTING):
        postings.setdefault(entry_id, []).append(leg)
    return [
        sealing.as_line({name: getattr(entry, name) for name in _ENTRY} | {"postings": postings.get(entry.pk, [])})
        for entry in entries
    ]


ENTRIES = sealing.Chain("ledger-chain", Entry, EntrySeal, _content)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a copy found: how many entries under how many seals, and the seals that do not fit."""

    program_id: int
    entries: int
    seals: int
    broken: tuple[int, ...]
    end: str


def write_copy(path: Path) -> int:
    """Write the sealed entries of the program in scope with their seals, a block a line; how many blocks."""
    program_id, count = scope.program_id(), 0
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for block in _blocks(program_id):
            file.write(json.dumps(block) + "\n")
            count += 1
    return count


def _blocks(program_id: int) -> Iterator[dict[str, Any]]:
    for seal in ENTRIES.of(program_id).iterator(chunk_size=100):
        entries = Entry.objects.filter(pk__in=seal.records).order_by("pk")
        lines = [line.decode() for line in _content(list(entries))]
        digest = bytes(seal.digest).hex()
        yield {"program": program_id, "position": seal.position, "entries": lines, "digest": digest}


def check_copy(path: Path) -> Checked:
    """Check a copy block by block. It needs the key of the seals, and no database.

    :raises CopyUnreadable: not a copy, cut off, or of several programs.
    """
    before, entries, broken = b"", 0, []
    program_id, position = 0, 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for position, text in enumerate(file, start=1):
                block = json.loads(text)
                program_id = program_id or int(block["program"])
                if int(block["program"]) != program_id:
                    raise CopyUnreadable()
                lines = [line.encode() for line in block["entries"]]
                digest, entries = bytes.fromhex(block["digest"]), entries + len(lines)
                made = sealing.digest_of(ENTRIES, before, program_id, lines)
                if block["position"] != position or not hmac.compare_digest(made, digest):
                    broken.append(position)
                before = digest
    except (OSError, EOFError, ValueError, KeyError, TypeError) as problem:
        raise CopyUnreadable() from problem
    return Checked(program_id, entries, position, tuple(broken), before.hex() or "-")
