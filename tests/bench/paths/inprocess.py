"""Requests through the product's WSGI application in this process: all of it but the web server's own work."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from tests.bench.paths.program import World
from tests.bench.paths.requests import Sent


class Caller:
    """Calls the application with what a web server would hand it."""

    def __init__(self, world: World) -> None:
        self.application: Callable[..., Iterable[bytes]] = get_wsgi_application()
        self.world = world
        self.status = ""

    def environ(self, sent: Sent) -> dict[str, Any]:
        """The variables of one request."""
        content = sent.content
        path, _mark, query = sent.path.partition("?")
        named = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in sent.headers.items()}
        return {
            "REQUEST_METHOD": sent.method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost", "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_AUTHORIZATION": f"Bearer {self.world.token}", "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(content)), "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content), "wsgi.errors": sys.stderr, "wsgi.multithread": True,
            "wsgi.multiprocess": True, "wsgi.run_once": False, **named,
        }  # fmt: skip

    def call(self, environ: dict[str, Any]) -> bytes:
        """The answer's body; its status is kept."""
        response = self.application(environ, self._start)
        try:
            return b"".join(response)
        finally:
            close = getattr(response, "close", None)
            if close is not None:
                close()

    def send(self, sent: Sent) -> bytes:
        """The answer's body, of the status that the request is to have."""
        body = self.call(self.environ(sent))
        assert self.status.startswith(str(sent.status)), (self.status, sent, body[:2000])
        return body

    def _start(self, status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        self.status = status
        return lambda block: None
