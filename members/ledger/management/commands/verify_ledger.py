"""``manage.py verify_ledger``: are the ledger's entries as they were written? With a copy, without any database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.kernel import scope, sealing
from members.ledger import chain
from members.ledger.chain import ENTRIES


class Command(BaseCommand):
    """Walks the chain of every program, or that of a copy. Ends with 1 when anything does not fit."""

    help = "Check the chain over the ledger's entries, write a copy of it, or check such a copy without the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seal", action="store_true", help="Seal what is new first.")
        parser.add_argument("--copy", type=Path, metavar="FOLDER", help="Write a copy of each program's chain there.")
        parser.add_argument("--file", type=Path, help="Check this copy; no database is touched.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = self._file(options["file"]) if options["file"] else self._database(options["seal"], options["copy"])
        if found:
            raise CommandError(f"{found} findings: the ledger is not as it was written.")

    def _file(self, path: Path) -> int:
        checked = chain.check_copy(path)
        for position in checked.broken:
            self.stderr.write(f"program {checked.program_id}: broken {position}")
        self._say(checked.program_id, checked.entries, checked.seals, checked.end)
        return len(checked.broken)

    def _database(self, seals: bool, folder: Path | None) -> int:
        found = 0
        for program in scope.every_program():
            with scope.enter([program], scope.SYSTEM):
                if seals:
                    sealing.seal_due(program, ENTRIES)
                if folder is not None:
                    chain.write_copy(folder / f"ledger-{program}.jsonl.gz")
                for step in sealing.verify(program, ENTRIES):
                    if isinstance(step, sealing.Finding):
                        found += 1
                        self.stderr.write(f"program {program}: {step.kind} {step.number}")
                state = sealing.state_of(program, ENTRIES)
                self._say(program, state.records, state.seals, bytes(state.last.digest).hex() if state.last else "-")
        return found

    def _say(self, program: int, entries: int, seals: int, end: str) -> None:
        self.stdout.write(f"program {program}: {entries} entries under {seals} seals, the last {end}")
