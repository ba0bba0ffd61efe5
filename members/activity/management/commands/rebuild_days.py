"""``manage.py rebuild_days``: reckon what members bought day by day anew from their purchases."""

from typing import Any

from django.core.management.base import BaseCommand

from loyalty.kernel import scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import operations


class Command(BaseCommand):
    """One transaction a program; its purchases and returns wait until it is done."""

    help = "Reckon what members bought day by day anew from all purchases, and say how many days were not right."

    def handle(self, *args: Any, **options: Any) -> None:
        for program in scope.every_program():
            with scope.enter([program], scope.SYSTEM), unit_of_work():
                changed = operations.rebuild_days()
            self.stdout.write(f"program {program}: {changed} days made right")
