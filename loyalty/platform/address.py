"""Where the web server listens."""

import errno
import http.client
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.platform.problem import Problem

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True)
class Address:
    """A host and a port of this machine."""

    host: str
    port: int

    @classmethod
    def wanted(cls, environment: Mapping[str, str] = os.environ) -> "Address":
        """``HOST`` and ``PORT``, else this machine alone on port 8000.

        :raises Problem: PORT is not a port.
        """
        text = environment.get("PORT") or "8000"
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise Problem(
                f"PORT={text} is not a port. Use a number from 1024 to 65535, for example: make run PORT=8000"
            )
        return cls(environment.get("HOST") or "127.0.0.1", int(text))

    @property
    def url(self) -> str:
        """What to type into a browser on this machine."""
        host = "localhost" if self.host in _EVERYWHERE else self.host
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    def refuse_taken(self) -> None:
        """:raises Problem: the port is taken or reserved, or the host is not of this machine."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
                probe.listen()
            except OSError as error:
                raise Problem(self._explain(error)) from None

    def _explain(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            free = _free_port()
            return (
                f"Port {self.port} is taken by another program. Choose another one, for example: make run PORT={free}"
            )
        if error.errno in (errno.EACCES, errno.EPERM):
            return f"Port {self.port} is reserved for root. Choose one above 1023, for example: make run PORT=8000"
        return (
            f"HOST={self.host} is not an address of this machine ({error.strerror}). Leave it out, or use HOST=0.0.0.0"
        )

    def answers(self) -> bool:
        """Whether a page comes back; a server's error is not yet an answer."""
        connection = http.client.HTTPConnection(_EVERYWHERE.get(self.host, self.host), self.port, timeout=10)
        try:
            connection.request("GET", "/health/live", headers={"Host": "localhost"})
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as another:
        another.bind(("127.0.0.1", 0))
        return int(another.getsockname()[1])
