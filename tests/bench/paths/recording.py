"""Real requests of a path with everything they say to the database, as texts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections

from tests.bench.paths.inprocess import Caller
from tests.bench.paths.requests import Kind
from tests.bench.paths.wire import Exchange, Relay


@dataclass(frozen=True)
class Statement:
    """One statement as texts: types of parameters, their values, the rows that came back."""

    sql: str
    types: tuple[str, ...]
    values: tuple[str | None, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    tag: str


@dataclass(frozen=True)
class Recorded:
    """One request: the values that were chosen for it, and its statements."""

    inputs: Mapping[str, str]
    basket: int
    statements: Sequence[Statement]


class Texts:
    """Turns binary values into PostgreSQL's texts, by PostgreSQL."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._types: dict[int, str] = {0: ""}

    def type_of(self, oid: int) -> str:
        """A type's name; nothing for one that the server found out by itself."""
        if oid not in self._types:
            row = self._connection.execute("SELECT format_type(%s, NULL)", [oid]).fetchone()
            assert row is not None
            self._types[oid] = row[0]
        return self._types[oid]

    def text(self, value: bytes | None, oid: int, form: int) -> str | None:
        """A value as text."""
        if value is None or form == 0:
            return None if value is None else value.decode()
        result = self._connection.pgconn.exec_params(b"SELECT $1::text", [value], [oid], [1])
        found = result.get_value(0, 0)
        assert found is not None, result.error_message
        return found.decode()

    def statement(self, one: Exchange) -> Statement:
        """An exchange in texts."""
        assert not one.problem, (one.sql, one.problem)
        return Statement(
            one.sql,
            tuple(self.type_of(oid) for oid in one.oids),
            tuple(self.text(*each) for each in zip(one.values, one.oids, one.formats, strict=True)),
            tuple(name for name, _oid, _form in one.columns),
            tuple(
                tuple(self.text(cell, oid, form) for cell, (_name, oid, form) in zip(row, one.columns, strict=True))
                for row in one.rows
            ),
            one.tag,
        )


@contextmanager
def relayed(superuser: psycopg.Connection[Any]) -> Iterator[tuple[Relay, Texts]]:
    """This process's requests to the database pass by a relay within the block."""
    server = connections.settings["default"]["HOST"]
    with tempfile.TemporaryDirectory(prefix="loyalty-bench-") as folder:
        relay = Relay(Path(folder), Path(server))
        try:
            _lead_to(folder)
            yield relay, Texts(superuser)
        finally:
            _lead_to(server)
            relay.close()


def _lead_to(host: str) -> None:
    connections["default"].close()
    connections.settings["default"]["HOST"] = host
    connections["default"].settings_dict["HOST"] = host


def record(
    caller: Caller, kind: Kind, relay: Relay, texts: Texts, numbers: Iterator[int], at: datetime, *, count: int
) -> list[Recorded]:
    """So many requests of a kind, one after another, in the steady state."""
    found = []
    for _ in range(count):
        sent = kind.make(caller.world, next(numbers), at)
        with relay.recording() as exchanges:
            caller.send(sent)
        found.append((sent, exchanges))
    return [
        Recorded(sent.inputs, sent.basket, [texts.statement(one) for one in exchanges]) for sent, exchanges in found
    ]
