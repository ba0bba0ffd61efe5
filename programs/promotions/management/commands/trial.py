"""``manage.py trial FILE``: evaluate a trial document and print the answer."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rest_framework.exceptions import ParseError

from loyalty.kernel.api import parsing, problems
from loyalty.kernel.errors import Refusal
from programs.promotions.serializers import check_trial
from programs.rules import run_trial
from programs.rules.language import MAX_NESTING


class Command(BaseCommand):
    """Needs no database: the rules of the document alone judge."""

    help = "Evaluate a trial document (a file, or - for the standard input) and print the answer as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file with the document, or - for the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1, and the problems as JSON, when the document is not valid."""
        try:
            body = sys.stdin.buffer.read() if options["file"] == "-" else Path(options["file"]).read_bytes()
        except OSError as problem:
            raise CommandError(str(problem)) from problem
        try:
            document = parsing.loads(body, deepest=MAX_NESTING + 2)
            check_trial(document)
        except ParseError as problem:
            raise CommandError(str(problem.detail)) from problem
        except Refusal as refusal:
            _status, answer = problems.of_refusal(refusal)
            raise CommandError(json.dumps(answer["errors"], ensure_ascii=False, indent=1)) from refusal
        answer = run_trial(document)
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
        if "errors" in answer:
            sys.exit(1)
