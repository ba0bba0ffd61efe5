"""Loads the demo into an empty database; answers at once when it is there."""

import os
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections
from tqdm import tqdm

from loyalty.demo import cafe, extras, grocery, loading, logins
from loyalty.demo.journey import calendar
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
        today = options["today"] or calendar.present_date(clock.now())
        with tqdm(unit=" purchases", desc="Demo", disable=None) as bar:

            def report(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            first, last = calendar.last_months(today, options["months"])
            # The grocery's catalog and members are written while its purchases are read.
            connections.close_all()
            with ProcessPoolExecutor(1, mp_context=get_context("fork")) as beside:
                creating = beside.submit(loading.create_grocery, today, first, last)
                history = loading.read_days(today, first, last)
                small = cafe.load(first, last)
                grocer = creating.result()
            loading.play_grocery(grocer, history, processes=options["processes"], report=report)
            with scope.enter([grocer.program_id, small], scope.SYSTEM):
                logins.create([grocer.program_id, small])
            with scope.enter([grocer.program_id], scope.SYSTEM):
                extras.create(list(grocer.accounts), clock.now())
                extras.sell_for_points(clock.now())
                extras.take_goods_back(clock.now())
                grocery.schedule_reports(clock.now())
                grocery.request_reports(history.first, history.last)
        self.stdout.write(f"{len(history.sold)} purchases and {len(history.brought_back)} returns played.")
