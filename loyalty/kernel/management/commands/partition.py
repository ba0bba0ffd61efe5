"""``manage.py partition``: large tables in ranges of their keys, a month each."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from loyalty.kernel import clock, ids, wording
from loyalty.kernel.errors import Refusal
from loyalty.kernel.partitions import growing, standing, switching


class Command(BaseCommand):
    """Turns tables into partitions while the product is stopped, tells how they stand, and makes the next ones."""

    help = "Partition large tables by month: TABLES or --all with the product stopped; --status; --ahead."
    requires_system_checks = ()

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"One of {', '.join(settings.PARTITIONED)}.")
        parser.add_argument("--all", action="store_true", help="Every one of them that is not partitioned yet.")
        parser.add_argument("--status", action="store_true", help="The tables with their partitions and rows.")
        parser.add_argument("--ahead", action="store_true", help="Make the partitions of the months to come, now.")

    def handle(self, *args: Any, **options: Any) -> None:
        tables = options["tables"]
        if options["all"]:
            done = standing.partitions(connections[growing.OWNER])
            tables = [table for table in settings.PARTITIONED if table not in done]
        elif not (tables or options["status"] or options["ahead"]):
            raise CommandError("Name tables, or give --all, --status or --ahead.")
        for table in tables:
            self._partition(table)
        if options["ahead"]:
            for name in growing.add_partitions(clock.now()):
                self.stdout.write(name)
        if options["status"]:
            self._tell()

    def _partition(self, table: str) -> None:
        # Our own session of the product's role is not the product.
        connections["default"].close()
        try:
            names = switching.partition_table(table, at=clock.now())
        except Refusal as refusal:
            raise CommandError(wording.sentence(refusal.code, refusal.facts)) from None
        self.stdout.write(f"{table}: {', '.join(names)}")

    def _tell(self) -> None:
        found = standing.partitions(connections[growing.OWNER])
        for table in settings.PARTITIONED:
            self.stdout.write(f"{table}: {len(found[table])} partitions" if table in found else f"{table}: one table")
            for part in found.get(table, ()):
                begins = f"{ids.made_at(part.first):%Y-%m-%d}" if part.first is not None else "the beginning"
                rows = "unknown" if part.rows is None else f"about {part.rows}"
                self.stdout.write(f"  {part.name}: {begins} to {ids.made_at(part.end):%Y-%m-%d}, rows: {rows}")
