"""Another database than the worker's own, for a test that changes what a database is."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from loyalty.platform import roles
from tests.platform.throw_away import Server

ROLES = {"default": roles.APP, "owner": roles.OWNER, "auditor": roles.AUDITOR}


@contextmanager
def led_to(server: Server, database: str) -> Iterator[None]:
    """Lead Django's aliases to a database for the length of the block."""
    before = {alias: dict(connections.settings[alias]) for alias in ROLES}
    close_all()
    for alias, role in ROLES.items():
        connections.settings[alias].update(server.settings(role, database))
    try:
        yield
    finally:
        close_all()
        for alias, settings in before.items():
            connections.settings[alias].update(settings)


def close_all() -> None:
    """Close every connection of this thread."""
    for connection in connections.all(initialized_only=True):
        connection.close()
