"""One request out: to the machine that was judged, under the name that was typed, and no further."""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.kernel import telemetry
from loyalty.kernel.errors import Refusal
from loyalty.kernel.outgoing import addresses

LARGEST_ANSWER = 65_536
SECONDS = 15.0
CONNECT_SECONDS = 5.0
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "user-agent", "accept-encoding"})
_CHUNK = 8192


class NoAnswer(Refusal):
    """The other side did not answer, not in time, not over a trusted line, or too much; ``reason`` says which."""

    code = "outgoing.no_answer"
    status = 502


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status: a redirect is an answer like any other and is not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Pinned(http.client.HTTPSConnection):
    """Connects to the machine that was judged; the certificate must be that of the name."""

    def __init__(self, target: addresses.Target, context: ssl.SSLContext, until: float) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS, context=context)
        self._target = target
        self._tls = context
        self._until = until

    def connect(self) -> None:
        raw = socket.create_connection(
            (self._target.machine, self._target.port), min(CONNECT_SECONDS, _left(self._until))
        )
        try:
            raw.settimeout(_left(self._until))
            self.sock = self._tls.wrap_socket(raw, server_hostname=self._target.host)
        except BaseException:
            raw.close()
            raise


def send(
    method: str,
    address: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    largest: int = LARGEST_ANSWER,
    resolver: addresses.Resolver = addresses.resolve,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """Send one request and read its answer; ``seconds`` and ``largest`` bound the whole of it.

    Never inside a transaction: the other side decides how long it takes.

    :raises AddressRefused: the address may not be talked to.
    :raises NoAnswer: no answer, too late, too long, or the line cannot be trusted.
    """
    assert method in METHODS, f"unknown method {method}"
    wanted = dict(headers or {})
    assert not {name.lower() for name in wanted} & _OURS, "these headers are the way out's own"
    target = addresses.resolved(address, resolver)
    until = time.monotonic() + seconds
    connection = _Pinned(target, trust or ssl.create_default_context(), until)
    try:
        sent = {"User-Agent": "loyalty", "Accept-Encoding": "identity", "Connection": "close", **wanted}
        connection.request(method, target.path, body=body or None, headers=sent)
        # Reading goes on at most as long as is left, however slowly it trickles.
        connection.sock.settimeout(_left(until))
        response = connection.getresponse()
        content = _read(response, connection.sock, until, largest)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
    except TimeoutError as problem:
        raise NoAnswer(reason="too_late") from problem
    except ssl.SSLError as problem:
        raise NoAnswer(reason="untrusted") from problem
    except (OSError, http.client.HTTPException) as problem:
        telemetry.log().info("outgoing.no_answer", host=target.host, problem=type(problem).__name__)
        raise NoAnswer(reason="unreachable") from problem
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, line: socket.socket | None, until: float, largest: int) -> bytes:
    parts, size = [], 0
    while part := response.read1(_CHUNK):
        size += len(part)
        if size > largest:
            raise NoAnswer(reason="too_large")
        parts.append(part)
        if line is not None and line.fileno() >= 0:
            line.settimeout(_left(until))
        _left(until)
    return b"".join(parts)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
