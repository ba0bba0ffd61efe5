"""The other end of ``members.files.lanes``: records the purchases that come through standard input."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from members.files import lanes


class Command(BaseCommand):
    help = "The second lane of a file of purchases: started by its intake, never by hand."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer until the input ends."""
        lanes.answer(sys.stdin.buffer, sys.stdout.buffer)
