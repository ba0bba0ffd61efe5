"""What the product says to the database, written down on the way: a relay between the two that reads the protocol.

It sees whatever driver, cursor or pipeline the product uses, with the bounds of transactions and what was answered.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loyalty.platform.home import SOCKET

_LARGEST = 1 << 16


@dataclass
class Exchange:
    """One statement with its parameters (type, whether binary, bytes) and its answer."""

    sql: str
    oids: tuple[int, ...] = ()
    formats: tuple[int, ...] = ()
    values: tuple[bytes | None, ...] = ()
    columns: list[tuple[str, int, int]] = field(default_factory=list)
    rows: list[list[bytes | None]] = field(default_factory=list)
    tag: str = ""
    problem: str = ""


class Session:
    """One connection, both ways."""

    def __init__(self, found: list[Exchange]) -> None:
        self.found = found
        self._prepared: dict[bytes, tuple[str, tuple[int, ...]]] = {}
        self._bound: dict[bytes, Exchange] = {}
        self._running: deque[Exchange] = deque()
        self._columns: list[tuple[str, int, int]] = []

    def sent(self, kind: bytes, body: bytes) -> None:
        """A message of the product."""
        if kind == b"Q":
            self._begin(Exchange(body[:-1].decode()))
        elif kind == b"P":
            name, _zero, rest = body.partition(b"\0")
            text, _zero, rest = rest.partition(b"\0")
            (count,) = struct.unpack_from("!h", rest)
            self._prepared[name] = (text.decode(), struct.unpack_from(f"!{count}I", rest, 2))
        elif kind == b"B":
            portal, _zero, rest = body.partition(b"\0")
            name, _zero, rest = rest.partition(b"\0")
            self._bound[portal] = self._exchange(name, rest)
        elif kind == b"E":
            self._begin(self._bound[body.partition(b"\0")[0]])

    def _exchange(self, name: bytes, rest: bytes) -> Exchange:
        (count,) = struct.unpack_from("!h", rest)
        formats = struct.unpack_from(f"!{count}h", rest, 2)
        place = 2 + 2 * count
        (params,) = struct.unpack_from("!h", rest, place)
        place += 2
        values: list[bytes | None] = []
        for _ in range(params):
            (length,) = struct.unpack_from("!i", rest, place)
            place += 4
            values.append(None if length < 0 else rest[place : place + length])
            place += max(length, 0)
        text, oids = self._prepared[name]
        each = formats * params if len(formats) == 1 else formats or (0,) * params
        return Exchange(text, (*oids, *[0] * (params - len(oids))), tuple(each), tuple(values))

    def _begin(self, exchange: Exchange) -> None:
        self._running.append(exchange)
        self.found.append(exchange)

    def answered(self, kind: bytes, body: bytes) -> None:
        """A message of the database."""
        if kind == b"T":
            self._columns = list(_columns(body))
        elif kind == b"D" and self._running:
            self._running[0].columns = self._columns
            self._running[0].rows.append(_row(body))
        elif kind in b"CIs" and self._running:
            self._running.popleft().tag = body.rstrip(b"\0").decode()
        elif kind == b"E":
            for waiting in self._running:
                waiting.problem = body.decode(errors="replace").replace("\0", " ")
            self._running.clear()


def _columns(body: bytes) -> Iterator[tuple[str, int, int]]:
    place = 2
    for _ in range(struct.unpack_from("!h", body)[0]):
        end = body.index(b"\0", place)
        (_table, _column, oid, _size, _modifier, form) = struct.unpack_from("!IhIhih", body, end + 1)
        yield body[place:end].decode(), oid, form
        place = end + 19


def _row(body: bytes) -> list[bytes | None]:
    place, cells = 2, []
    for _ in range(struct.unpack_from("!h", body)[0]):
        (length,) = struct.unpack_from("!i", body, place)
        place += 4
        cells.append(None if length < 0 else body[place : place + length])
        place += max(length, 0)
    return cells


class Relay:
    """Listens in ``folder`` as the server does in its own, and passes everything on. ``found`` grows meanwhile."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self.found: list[Exchange] = []
        self._server = server / SOCKET
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / SOCKET))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def recording(self) -> Iterator[list[Exchange]]:
        """What is said during the block."""
        before = len(self.found)
        kept: list[Exchange] = []
        yield kept
        kept += self.found[before:]

    def _accept(self) -> None:
        while True:
            try:
                product, _address = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            session = Session(self.found)
            for ends in ((product, server, session.sent, True), (server, product, session.answered, False)):
                threading.Thread(target=_pass_on, args=ends, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()


def _pass_on(source: socket.socket, target: socket.socket, note: object, is_product: bool) -> None:
    """Pass bytes on, reading the messages in them: a kind of one byte, four bytes of length. The first has no kind."""
    assert callable(note)
    waiting, is_first = b"", is_product
    while True:
        try:
            block = source.recv(_LARGEST)
        except OSError:
            block = b""
        if not block:
            for end in (source, target):
                _shut(end)
            return
        waiting += block
        while len(waiting) >= (4 if is_first else 5):
            offset = 0 if is_first else 1
            (length,) = struct.unpack_from("!I", waiting, offset)
            if len(waiting) < offset + length:
                break
            if not is_first:
                note(waiting[:1], waiting[5 : offset + length])
            waiting, is_first = waiting[offset + length :], False
        target.sendall(block)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
