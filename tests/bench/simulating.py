"""Simulates a draft on the database that the environment names: purchases a second, and the demo's year from that.

The projection is from CPU time, of this process, its helpers and the database: what else runs meanwhile counts little.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty.settings.development")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import OperationalError, connection  # noqa: E402

from loyalty.kernel import clock, scope  # noqa: E402
from members.activity.models import Purchase  # noqa: E402
from members.activity.replay import Facts  # noqa: E402
from members.whatif import budgets, parallel  # noqa: E402
from members.whatif.queries import replaying as queries  # noqa: E402
from members.whatif.replaying import Result, Setting  # noqa: E402
from programs.setup.models import PointType, Program  # noqa: E402
from tests.bench.timing import machine  # noqa: E402

YEAR = 155_848
TARGET = 20.0
CORES = 2
MILLION = 1_000_000


def draft(point_type: str) -> dict[str, Any]:
    """Double points at weekends for baskets of ten and more, with a limit for each member and a budget for all."""
    return {
        "schema": "promo/1",
        "schedule": {"weekdays": [6, 7]},
        "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "10.00"},
        "then": [{"effect": "earn", "type": point_type, "formula": {"kind": "multiply", "factor": "2"}}],
        "limits": [
            {"id": "MONTH", "scope": "member", "period": "month", "measure": "points", "max": "500"},
            {"id": "ALL", "scope": "promotion", "measure": "points", "max": "100000000"},
        ],
    }


def _simulated(task: parallel.Task, setting: Setting, accounts: list[list[int]], helpers: int | None) -> Result:
    result = parallel.replay_all(task, accounts, lambda done, of: None, helpers=helpers)
    budgets.settle(result, setting, lambda keys: queries.pasts_by_account(keys, setting))
    return result


def _start_of_helper() -> float:
    """CPU seconds until a helper is ready."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, str(settings.BASE_DIR / "manage.py"), parallel.COMMAND, "--help"], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _largest() -> tuple[int, int, datetime | None]:
    """The program with the most purchases: its key, their number, the last of them."""
    found: tuple[int, int, datetime | None] = (0, 0, None)
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            count = Purchase.objects.count()
            if count > found[1]:
                last = Purchase.objects.order_by("-occurred_date").values_list("occurred_at", flat=True)[0]
                found = program, count, last
    return found


def _database_seconds(setting: Setting, accounts: list[list[int]]) -> float:
    """What the database alone takes to answer for all parts, seconds: the wait of one process."""
    waited, parts, facts = 0.0, parallel.parts_of(accounts), Facts()

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal waited
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            waited += time.perf_counter() - began

    with connection.execute_wrapper(timed):
        for part in parts:
            queries.pasts_of(part, setting, facts)
    return waited


def main() -> int:
    """Print the figures; 1 when the projection misses its target."""
    try:
        program, count, last = _largest()
    except OperationalError as problem:
        print(
            f"No database: {problem}. Start the product with `make run`, or name one in DATABASE_URL.", file=sys.stderr
        )
        return 2
    if last is None:
        print("No purchases: load the demo with `make run` first.", file=sys.stderr)
        return 2
    with scope.enter([program], scope.SYSTEM), clock.fixed(last + timedelta(days=1)):
        found = Program.objects.get()
        point_type = str(PointType.objects.order_by("position", "id").values_list("code", flat=True)[0])
        task = parallel.Task(
            program, found.snapshot_number, "BENCH", {"en": "Bench"}, draft(point_type), clock.now(), 365
        )
        setting = task.setting()
        accounts = queries.accounts_since(setting.since)
        began = time.perf_counter()
        _simulated(task, setting, accounts, None)
        wall = time.perf_counter() - began
        cpu = time.process_time()
        result = _simulated(task, setting, accounts, 0)
        each = (time.process_time() - cpu) / result.purchases
        database = _database_seconds(setting, accounts) / result.purchases
        start = _start_of_helper()
    projected = (each + database) * YEAR / CORES + start / CORES
    print(f"simulation of {result.purchases} of {count} purchases ({machine()})")
    print(f"  wall {wall:.1f} s with helpers, {result.purchases / wall:.0f} purchases a second")
    print(
        f"  CPU {each * MILLION:.0f} us a purchase, database {database * MILLION:.0f} us, a helper starts in {start:.1f} s"
    )
    print(f"  {YEAR} purchases on {CORES} cores: {projected:.1f} s by CPU time (target {TARGET:.0f} s)")
    return 0 if projected <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
