"""The load: keep-alive connections that send one prepared request after the other, on one thread."""

from __future__ import annotations

import gc
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

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

    def __init__(self, host: str, port: int, requests: Iterable[bytes], status: bytes) -> None:
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


def offer(host: str, port: int, requests: Sequence[bytes], *, status: int, connections: int, rate: float) -> Outcome:
    """Send requests as they come in at ``rate`` a second, at random moments (the same ones every time).

    Each goes out by the connection that has been free for longest, so that all are used in turn, and with them all processes
    that answer. It waits from the moment at which it came in, so that what was late because others were slow counts as slow.
    """
    shared, count = iter(requests), len(requests)
    lines = [_Line(host, port, shared, str(status).encode()) for _ in range(connections)]
    arrivals = Random(connections).expovariate
    waits: list[float] = []
    gc.collect()
    gc.disable()
    cpu, began = time.process_time(), time.perf_counter()
    due, come, waiting, idle = began, 0, deque[float](), deque(lines)
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
        while len(waits) < count:
            now = time.perf_counter()
            while come < count and due <= now:
                waiting.append(due)
                come, due = come + 1, due + arrivals(rate)
            while waiting and idle:
                line = idle.popleft()
                line.send()
                line.began = waiting.popleft()
            until = PATIENCE if come == count else max(0.0, due - time.perf_counter())
            ready = selector.select(until)
            assert ready or come < count, f"no answer within {PATIENCE} seconds"
            for key, _event in ready:
                line = key.data
                if line.is_answered():
                    waits.append((time.perf_counter() - line.began) * 1000)
                    idle.append(line)
    taken, spent = time.perf_counter() - began, time.process_time() - cpu
    gc.enable()
    for line in lines:
        line.socket.close()
    return Outcome(sorted(waits), taken, spent)


def percentile(waits: Sequence[float], part: float) -> float:
    """Of sorted waits, that which ``part`` of them do not exceed."""
    return waits[min(len(waits) - 1, int(len(waits) * part))]
