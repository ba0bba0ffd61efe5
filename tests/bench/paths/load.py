"""The load: keep-alive connections that send one prepared request after the other, on one thread."""

from __future__ import annotations

import gc
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

_LARGEST = 1 << 16
_END = b"\r\n\r\n"
_LENGTH = b"content-length: "
PATIENCE = 30.0


@dataclass(frozen=True)
class Outcome:
    """What came back: how long each answer took in milliseconds, sorted; CPU seconds of the load itself."""

    waits: Sequence[float]
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds


class _Line:
    """One connection with what it still has to send."""

    def __init__(self, host: str, port: int, requests: Sequence[bytes], status: bytes) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = iter(requests)
        self._status = b" " + status + b" "
        self._waiting = b""
        self.began = 0.0

    def send(self) -> bool:
        """Send the next request; whether there was one."""
        request = next(self._requests, None)
        if request is None:
            return False
        self.began = time.perf_counter()
        self.socket.sendall(request)
        return True

    def is_answered(self) -> bool:
        """Take in what has come; whether the answer is whole."""
        block = self.socket.recv(_LARGEST)
        assert block, "the server hung up"
        self._waiting += block
        head, _end, body = self._waiting.partition(_END)
        if not _end:
            return False
        lower = head.lower()
        length = int(lower[lower.index(_LENGTH) + len(_LENGTH) :].split(b"\r\n", 1)[0])
        if len(body) < length:
            return False
        assert head[8:13] == self._status, (head, body[:1000])
        self._waiting = b""
        return True


def drive(host: str, port: int, requests: Sequence[Sequence[bytes]], *, status: int, seconds: float) -> Outcome:
    """Send each connection's requests for so many seconds; every answer must have ``status``.

    It ends before when a connection has no request left.
    """
    lines = [_Line(host, port, each, str(status).encode()) for each in requests]
    waits: list[float] = []
    gc.collect()
    gc.disable()
    cpu, began = time.process_time(), time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send()
        open_lines, until = len(lines), began + seconds
        while open_lines:
            ready = selector.select(PATIENCE)
            assert ready, f"no answer within {PATIENCE} seconds"
            for key, _event in ready:
                line = key.data
                if not line.is_answered():
                    continue
                now = time.perf_counter()
                waits.append((now - line.began) * 1000)
                if now >= until or not line.send():
                    until = now
                    selector.unregister(line.socket)
                    open_lines -= 1
    taken, spent = time.perf_counter() - began, time.process_time() - cpu
    gc.enable()
    for line in lines:
        line.socket.close()
    return Outcome(sorted(waits), taken, spent)


def percentile(waits: Sequence[float], part: float) -> float:
    """Of sorted waits, that which ``part`` of them do not exceed."""
    return waits[min(len(waits) - 1, int(len(waits) * part))]
