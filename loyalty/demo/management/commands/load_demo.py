"""Loads the demo into an empty database; answers at once when it is there."""

import os
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from loyalty.demo import cafe, grocery, loading, logins
from loyalty.kernel import clock, scope


class Command(BaseCommand):
    help = "Load the demo: a grocery program with a year or some months of real purchases, and a small second program."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=int, default=3, help="how much of the year to play (12: all of it)")
        parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1), help="how many play at once")
        parser.add_argument("--today", type=date.fromisoformat, help="the day the data end before (default: today)")

    def handle(self, *args: Any, **options: Any) -> None:
        if scope.every_program():
            self.stdout.write("The demo is loaded.")
            return
        today = options["today"] or clock.now().date()
        with tqdm(unit=" purchases", desc="Demo", disable=None) as bar:

            def report(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            history = loading.read(today, options["months"])
            grocer = loading.load_grocery(history, processes=options["processes"], report=report)
            small = cafe.load(history.first, history.last)
            with scope.enter([grocer, small], scope.SYSTEM):
                logins.create([grocer, small])
            with scope.enter([grocer], scope.SYSTEM):
                grocery.schedule_reports(clock.now())
                grocery.request_reports(history.first, history.last)
        self.stdout.write(f"{len(history.sold)} purchases and {len(history.brought_back)} returns played.")
