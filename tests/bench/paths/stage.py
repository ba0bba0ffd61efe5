"""The stage of a measurement: the program, the product's application, and for each kind of request the scripts of R."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection

from loyalty.kernel import clock
from loyalty.platform import roles
from loyalty.platform.installation import Installation
from tests.bench.paths import product, program, raw, recording, rows
from tests.bench.paths.inprocess import Caller
from tests.bench.paths.program import World
from tests.bench.paths.requests import Kind, earlier
from tests.bench.paths.script import Script, script_of

WARM = 20
# Requests of each basket from which a script is made.
RECORDED = 6
COMPARED = 20
BATCH = 200
FIRST_NUMBER = 1_000_000_000_000
NUMBERS_OF_CLIENT = 10_000_000


@dataclass
class Stage:
    """Everything that rounds need. Numbers of requests are given out once."""

    installation: Installation
    superuser: psycopg.Connection[Any]
    world: World
    caller: Caller
    at: datetime
    scripts: dict[str, list[Script]] = field(default_factory=dict)
    writing: dict[str, list[Script]] = field(default_factory=dict)
    _next: int = FIRST_NUMBER

    @classmethod
    def built(cls, members: int) -> Stage:
        """A stage with so many members."""
        installation = product.here()
        superuser = installation.cluster.superuser(roles.DATABASE)
        world = program.made(members)
        superuser.execute("VACUUM ANALYZE")
        return cls(installation, superuser, world, Caller(world), clock.now())

    @property
    def database_pid(self) -> int:
        """The first process of the database server."""
        row = self.superuser.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        return int(row[0].split("\n", 1)[0])

    def numbers(self, kind: Kind, count: int) -> range:
        """So many numbers that nobody had; for returns their purchases are there."""
        given = range(self._next, self._next + count)
        self._next += count
        if kind.is_of_purchase:
            for first in range(given.start, given.stop, BATCH):
                self.caller.send(earlier(self.world, given[first - given.start :][:BATCH], self.at))
            connection.close()
        return given

    def reserve(self, clients: int) -> range:
        """Numbers enough for so many clients of R, whatever they do with them."""
        given = range(self._next, self._next + clients * NUMBERS_OF_CLIENT)
        self._next = given.stop
        return given

    def call(self, kind: Kind, numbers: Sequence[int]) -> int:
        """Send requests through the application in this process, end its connection, and tell how many they were."""
        for number in numbers:
            self.caller.send(kind.make(self.world, number, self.at))
        connection.close()
        return len(numbers)

    def learn(self, kind: Kind) -> list[str]:
        """Make R's scripts of a kind from its own requests; what they write otherwise than the product."""
        self.call(kind, self.numbers(kind, WARM))
        count = RECORDED * kind.baskets
        with recording.relayed(self.superuser) as (relay, texts):
            # The first request of a connection says more than those that follow.
            self.caller.send(kind.make(self.world, self.numbers(kind, 1)[0], self.at))
            numbers = iter(self.numbers(kind, count))
            found = recording.record(self.caller, kind, relay, texts, numbers, self.at, count=count)
        settings = kind.settings(self.world)
        for basket in range(kind.baskets):
            mine = [one for one in found if one.basket == basket]
            whole = script_of(mine, settings, prefix=f"b{basket}c")
            self.scripts.setdefault(kind.name, []).append(whole)
            only = script_of(mine, settings, prefix=f"b{basket}c", is_whole=False)
            self.writing.setdefault(kind.name, []).append(only)
        return self._unlike(kind)

    def _unlike(self, kind: Kind) -> list[str]:
        numbers = self.numbers(kind, COMPARED * kind.baskets)
        own = rows.written(self.superuser, lambda: self.call(kind, numbers))
        found = []
        for scripts in (self.scripts[kind.name], self.writing[kind.name]):
            given = {script: self.numbers(kind, COMPARED + 1) for script in range(len(scripts))}

            def act(scripts: list[Script] = scripts, given: dict[int, range] = given) -> int:
                for place, script in enumerate(scripts):
                    raw.run(self.installation, [script], variables(given[place], 1), count=COMPARED, clients=1)
                return COMPARED * len(scripts)

            found += rows.differences(own, rows.written(self.superuser, act))
        return found


def variables(numbers: range, clients: int) -> dict[str, int]:
    """What pgbench needs to give each client a part of the numbers."""
    return {"base": numbers.start, "span": len(numbers) // clients, "turn": 0}
