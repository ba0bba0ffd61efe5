"""``manage.py verify_audit``: are the audit trails as they were written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.kernel import scope, sealing
from loyalty.kernel.sealing import Finding


class Command(BaseCommand):
    """Walks every trail from its first seal. Ends with 1 when anything does not fit."""

    help = "Check the chain over the audit trail of every program and of the platform."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--seal", action="store_true", help="Seal what is new first.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for program in [*scope.every_program(), None]:
            with sealing.enter_trail(program):
                if options["seal"]:
                    sealing.seal_due(program)
                name = f"program {program}" if program else "platform"
                for step in sealing.verify(program):
                    if isinstance(step, Finding):
                        found += 1
                        self.stderr.write(f"{name}: {step.kind} {step.number}")
                state = sealing.state_of(program)
                end = bytes(state.last.digest).hex() if state.last else "-"
                self.stdout.write(f"{name}: {state.records} records under {state.seals} seals, the last {end}")
        if found:
            raise CommandError(f"{found} findings: the trail is not as it was written.")
