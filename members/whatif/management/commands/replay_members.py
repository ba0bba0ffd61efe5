"""The other end of ``members.whatif.parallel``: replays the members that come through standard input."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from loyalty.kernel import scope
from members.whatif import parallel


class Command(BaseCommand):
    help = "A helper of a simulation: started by it, never by hand."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer until the input ends."""
        parallel.answer(sys.stdin.buffer, sys.stdout.buffer, lambda program: scope.enter([program], scope.SYSTEM))
