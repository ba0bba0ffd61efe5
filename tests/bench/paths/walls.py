"""What row-level security costs earning: R, and the product over HTTP, under the policies and past them in turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median

import psycopg
from psycopg import sql

from loyalty.platform import roles
from tests.bench import timing
from tests.bench.paths import product, race, raw
from tests.bench.paths.http import MEMBERS, ROUNDS, SECONDS
from tests.bench.paths.product import Web
from tests.bench.paths.race import EARN
from tests.bench.paths.requests import KINDS
from tests.bench.paths.script import Script
from tests.bench.paths.stage import Stage, variables

FREE = "bench_free"
MOST = 0.10
# What the web server's connections call themselves.
APPLICATION = "loyalty"
# What the role that the web server connects as is to be.
WALLED, PASSING = "NOBYPASSRLS", "BYPASSRLS"


def main(arguments: Sequence[str]) -> int:
    """Print the rates of R and over HTTP; 0 when the walls cost the product no more than a tenth of its earning."""
    stage, kind = Stage.built(MEMBERS), KINDS["earn"]
    unlike = stage.learn(kind)
    assert not unlike, unlike
    _make_free(stage)
    measured = {
        "R, the request": _of_raw(stage, stage.scripts[kind.name]),
        "R, its transactions": _of_raw(stage, stage.writing[kind.name]),
    }
    with product.web(stage.installation.places) as web:
        measured["over HTTP"], spent = _over_http(stage, web)
    costs = {name: median(1 - own / free for own, free in rates) for name, rates in measured.items()}
    parts = [
        [name, f"{median(own for own, _free in rates):.0f}", f"{median(free for _own, free in rates):.0f}",
         f"{costs[name] * 100:.1f} %", " ".join(f"{(1 - own / free) * 100:.1f}" for own, free in rates)]
        for name, rates in measured.items()
    ]  # fmt: skip
    is_met = costs["over HTTP"] <= MOST
    print(timing.table(["earn", "with walls/s", "without/s", "walls cost", "by round"], parts))
    own, free = (median(one[way] for one in spent) for way in (WALLED, PASSING))
    print(f"CPU of web server and database for a request: {own:.0f} us with walls, {free:.0f} us without.")
    print(f"Over HTTP at most {MOST * 100:.0f} %: {'met' if is_met else 'NOT met'}. {timing.machine()}")
    return 0 if is_met else 1


def _of_raw(stage: Stage, scripts: Sequence[Script]) -> list[tuple[float, float]]:
    """The rates of R, round by round: as the product's role, and as one that the policies let pass."""

    def rate(role: str) -> float:
        given = variables(stage.reserve(raw.CLIENTS), raw.CLIENTS)
        return raw.run(stage.installation, scripts, given, seconds=SECONDS, role=role).rate

    return [(rate(roles.APP), rate(FREE)) for _ in range(ROUNDS)]


def _over_http(stage: Stage, web: Web) -> tuple[list[tuple[float, float]], list[dict[str, float]]]:
    """Round by round the rates of the product under the policies and with its role past them; the CPU microseconds of both.

    The one that comes first is another one in each round. Both are warmed up: connections, plans, caches.
    """
    rates, spent, guess = [], [], 0.0
    for number in range(ROUNDS):
        found: dict[str, float] = {}
        costs: dict[str, float] = {}
        for way in (WALLED, PASSING) if number % 2 == 0 else (PASSING, WALLED):
            since = _let(stage, way)
            warm, _spent = race.product_turn(stage, web, EARN, count=race.PREPARED, seconds=race.WARMING)
            guess = max(guess, warm.rate)
            count = int(guess * SECONDS * 1.5) + EARN.connections
            outcome, cpu = race.product_turn(stage, web, EARN, count=count, seconds=SECONDS)
            _check(stage, way, since)
            found[way] = outcome.rate
            costs[way] = (cpu.web + cpu.database) / len(outcome.waits) * timing.MICRO
        spent.append(costs)
        rates.append((found[WALLED], found[PASSING]))
    _let(stage, WALLED)
    return rates, spent


def _let(stage: Stage, way: str) -> datetime:
    """Put the product's role under the policies or past them, and end its connections: plans that stand keep the policies.

    Returns when that was.
    """
    stage.superuser.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(roles.APP), sql.SQL(way)))
    row = stage.superuser.execute(
        "SELECT clock_timestamp(), (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE usename = %s AND application_name = %s)",
        [roles.APP, APPLICATION],
    ).fetchone()
    assert row is not None
    return row[0]


def _check(stage: Stage, way: str, since: datetime) -> None:
    """What was measured was measured so: over connections that are younger, as a role that sees all rows or none."""
    asked = "SELECT bool_and(backend_start >= %s) FROM pg_stat_activity WHERE usename = %s AND application_name = %s"
    assert stage.superuser.execute(asked, [since, roles.APP, APPLICATION]).fetchone() == (True,)
    with psycopg.connect(stage.installation.conninfo(roles.APP)) as connection:
        row = connection.execute("SELECT EXISTS (SELECT FROM members_member)").fetchone()
    assert row == (way == PASSING,), (way, row)


def _make_free(stage: Stage) -> None:
    """A role with the rights of the product's own and past every policy."""
    name = sql.Identifier(FREE)
    password = stage.installation.password(roles.APP)
    stage.superuser.execute(
        sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {} IN ROLE {}").format(
            name, sql.Literal(password), sql.Identifier(roles.APP)
        )
    )
    stage.superuser.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(roles.DATABASE), name))
