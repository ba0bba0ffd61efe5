"""Proves the ledger: asks every invariant over all programs and names what breaks it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.ledger import invariants


class Command(BaseCommand):
    help = "Check every invariant of the ledger over all programs. Exits with 1 when one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", default="auditor", help="the read-only connection to use")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(invariants.check(options["database"]))
        for finding in findings:
            wallet = f" wallet {finding.wallet_id}" if finding.wallet_id else ""
            self.stdout.write(f"{finding.code} program {finding.program_id}{wallet} {finding.facts}")
        if findings:
            raise CommandError(f"{len(findings)} breaches of the ledger's invariants.")
        self.stdout.write(f"{len(invariants.INVARIANTS)} invariants hold.")
