"""A file of purchases, validated and judged by a hundred rules, beside set-based statements that write the same rows.

R is made from what the file left behind: the same rows under other keys, put ready in tables of the session and then
written by one INSERT for each table and one UPDATE of the wallets, in one transaction on one connection.
"""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from django.apps import apps
from django.db import connection

from loyalty.kernel import jobs
from loyalty.kernel.unit_of_work import unit_of_work
from members.files import services
from members.files.models import PurchaseFile
from tests.bench import timing
from tests.bench.paths import program, rows
from tests.bench.paths.requests import BASKETS, LINES, earn
from tests.bench.paths.stage import Stage

PURCHASES = int(os.environ.get("BENCH_FILE", "80000")) // LINES
MEMBERS = 5000
MUST, AIM = 0.7, 1.3
SHIFT = 300_000_000_000_000_000
# Written by hand below: they add to rows, which are there already when R adds to them.
_ADDED_TO = {"members_wallet", "members_earned_day", "members_bought_day", "programs_limit_counter"}
# References without a constraint, and texts that are unique.
_SOFT = {"fact_id", "cause_id", "subject_id"}
_UNIQUE = {"external_id", "request_key"}
_FEW = 0.02
_BALANCES = (
    """UPDATE members_wallet w SET active = w.active + m.active, pending = w.pending + m.pending, debt = w.debt - m.debt,
         version = w.version + m.entries
       FROM (SELECT wallet_id, coalesce(sum(amount) FILTER (WHERE bucket = 'active'), 0) AS active,
               coalesce(sum(amount) FILTER (WHERE bucket = 'pending'), 0) AS pending,
               coalesce(sum(amount) FILTER (WHERE bucket = 'debt'), 0) AS debt, count(DISTINCT entry_id) AS entries
             FROM pg_temp.ready_members_posting WHERE wallet_id IS NOT NULL GROUP BY 1) m
       WHERE w.id = m.wallet_id""",
    """INSERT INTO members_earned_day (program_id, wallet_id, day, amount)
       SELECT program_id, wallet_id, earned_at::date, sum(amount) FROM pg_temp.ready_members_lot GROUP BY 1, 2, 3
       ON CONFLICT (wallet_id, day) DO UPDATE SET amount = members_earned_day.amount + excluded.amount""",
    """INSERT INTO members_bought_day (program_id, member_id, day, purchases, amount, units)
       SELECT p.program_id, p.member_id, p.occurred_date, count(*), sum(p.amount), sum(l.units)
       FROM pg_temp.ready_members_purchase p JOIN (
         SELECT purchase_id, sum(CASE WHEN unit = 'piece' AND quantity = trunc(quantity) THEN greatest(quantity, 1)::bigint
                                 ELSE 1 END) AS units
         FROM pg_temp.ready_members_purchase_line GROUP BY 1
       ) l ON l.purchase_id = p.id
       GROUP BY 1, 2, 3
       ON CONFLICT (member_id, day) DO UPDATE SET purchases = members_bought_day.purchases + excluded.purchases,
         amount = members_bought_day.amount + excluded.amount, units = members_bought_day.units + excluded.units""",
)


def main(arguments: Sequence[str]) -> int:
    """Print both rates; 0 when the file is taken in fast enough."""
    stage = Stage.built(MEMBERS)
    content = _content(stage)
    before = _last_keys(stage)
    connection.close()
    seconds: list[float] = []
    own = rows.written(stage.superuser, lambda: _take_in(stage, content, seconds))
    stage.superuser.execute("CHECKPOINT")
    copied = [
        table for table, figures in own.items() if figures[0] > _FEW and table not in _ADDED_TO and table in before
    ]
    raw = rows.written(stage.superuser, lambda: _at_once(stage, copied, before, seconds))
    differences = rows.differences(own, raw)
    unlike = [one for one in differences if "inserted" in one and one.split(":")[0] not in _ADDED_TO]
    ratio = seconds[1] / seconds[0]
    is_met = ratio >= MUST and not unlike
    lines = PURCHASES * LINES
    row = [
        f"file of {lines:,} lines", f"{lines / seconds[0]:.0f}", f"{lines / seconds[1]:.0f}", f"{ratio:.3f}",
        str(MUST), str(AIM), "yes" if is_met else "NO",
    ]  # fmt: skip
    print(timing.table(["path", "product lines/s", "set-based lines/s", "of R", "must", "aim", "met"], [row]))
    print("R inserts the same rows." if not unlike else "R does NOT insert the same rows:\n  " + "\n  ".join(unlike))
    print(timing.machine())
    return 0 if is_met else 1


def _content(stage: Stage) -> bytes:
    """The file: random members, the baskets of the requests in turn."""
    text, amount = io.StringIO(newline=""), Decimal(0)
    out = csv.writer(text, delimiter=";", lineterminator="\r\n")
    out.writerow(
        ["external_id", "member_kind", "member", "at", "currency", "store", "channel", "payment", "line_id", "sku", "qty",
         "amount"]
    )  # fmt: skip
    random, baskets = Random(1), [earn(stage.world, number, stage.at).body for number in range(BASKETS)]
    for number in range(PURCHASES):
        basket = baskets[number % BASKETS]
        card = stage.world.card(random.randrange(stage.world.members))
        for line in basket["lines"]:
            amount += Decimal(line["amount"])
            out.writerow(
                [f"file-{number}", "card", card, basket["at"], "PLN", basket["store"], basket["channel"], "card",
                 line["line_id"], line["sku"], line["qty"], line["amount"]]
            )  # fmt: skip
    out.writerow(["#END", PURCHASES, PURCHASES * LINES, amount])
    return text.getvalue().encode()


def _take_in(stage: Stage, content: bytes, seconds: list[float]) -> int:
    """As the worker does it: the job, from the stored file to the last chunk."""
    with program.entered(stage.world.program_id):
        services.receive_file(io.BytesIO(content), name="bench.csv", source="api")
        began = time.perf_counter()
        for job_id, _queue in jobs.due():
            jobs.run(job_id)
        seconds.append(time.perf_counter() - began)
        file = PurchaseFile.objects.get()
        assert (file.recorded, file.rejected) == (PURCHASES, 0), (file.state, file.recorded, file.rejected)
    connection.close()
    return PURCHASES


def _last_keys(stage: Stage) -> Mapping[str, int]:
    """The last key of every table that has one."""
    tables = stage.superuser.execute(
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'
           WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.atttypid = 'bigint'::regtype"""
    ).fetchall()
    found = {}
    for (table,) in tables:
        row = stage.superuser.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"').fetchone()
        assert row is not None
        found[table] = row[0]
    return found


def _at_once(stage: Stage, tables: Sequence[str], before: Mapping[str, int], seconds: list[float]) -> int:
    """Put the rows of the file ready under other keys, and write them set by set."""
    with program.entered(stage.world.program_id), unit_of_work(), connection.cursor() as cursor:
        statements = [_put_ready(cursor, table, tables, before[table]) for table in _in_order(tables)]
        began = time.perf_counter()
        for statement in (*statements, *_BALANCES):
            cursor.execute(statement)
    seconds.append(time.perf_counter() - began)
    connection.close()
    return PURCHASES


def _columns(table: str) -> dict[str, str]:
    """The columns of a table, and the table that each refers to."""
    (model,) = [model for model in apps.get_models() if model._meta.db_table == table]
    return {
        str(field.column): field.related_model._meta.db_table if field.related_model else ""
        for field in model._meta.concrete_fields
        if field.name != "public_id"
    }


def _in_order(tables: Sequence[str]) -> list[str]:
    """Each table after those that it refers to."""
    placed: list[str] = []
    while len(placed) < len(tables):
        waiting = set(tables) - set(placed)
        free = [one for one in sorted(waiting) if not waiting & (set(_columns(one).values()) - {one})]
        assert free, waiting
        placed += free
    return placed


def _put_ready(cursor: Any, table: str, copied: Sequence[str], after: int) -> str:
    """A table of the session with the rows after a key, and the statement that writes them."""
    target = _columns(table)
    picks = []
    for name, reference in target.items():
        is_key = name == "id" or reference in copied or name in _SOFT
        picks.append(f'"{name}" - {SHIFT} AS "{name}"' if is_key else f"'R' || {name} AS {name}" if name in _UNIQUE
                     else f'"{name}"')  # fmt: skip
    cursor.execute(f"CREATE TEMP TABLE ready_{table} AS SELECT {', '.join(picks)} FROM {table} WHERE id > %s", [after])
    cursor.execute(f"ANALYZE pg_temp.ready_{table}")
    names = ", ".join(f'"{name}"' for name in target)
    return f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM pg_temp.ready_{table}"
