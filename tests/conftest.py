"""What the whole suite shares: its database (see ``tests/platform/throw_away.py``) and the length of its random tests.

Tests connect as the role ``app``, like the product. The alias ``owner`` is for migrations, ``auditor`` for proofs.
"""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import settings

from loyalty.kernel.partitions import switching
from loyalty.platform.places import Places
from tests.platform import cleaning
from tests.platform.throw_away import Server, ThrowAway

PROJECT = Path(__file__).resolve().parents[1]
ROLES = {"default": "app", "owner": "owner", "auditor": "auditor"}
CHROMIUM = Path("/usr/bin/chromium")

# Without a deadline: a busy machine is no fault of the product. A share of 100 is `make prove`.
EXAMPLES = 100
EXAMPLES_A_SHARE = 20
share = int(os.environ.get("PROOF_SHARE", "0"))
settings.register_profile("suite", deadline=None, max_examples=share * EXAMPLES_A_SHARE or EXAMPLES)
settings.load_profile("suite")

_started = pytest.StashKey[ThrowAway]()


def pytest_configure(config: pytest.Config) -> None:
    """Markers of the whole suite, and the cluster if this process only hands out the work."""
    config.addinivalue_line("markers", "proof: a long random test; `make prove` runs these with many more examples")
    config.addinivalue_line("markers", "long: a proof that has no short form; only `make prove` runs it")
    config.addinivalue_line("markers", "axe: looks at a page with the accessibility rules of axe-core")
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        _start(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where the cluster is."""
    node.workerinput["server"] = vars(node.config.stash[_started].server)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster at the end of the run."""
    if _started in config.stash:
        config.stash[_started].stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the long proofs to `make prove`, and skip the tests that need a browser where there is none."""
    long = pytest.mark.skip(reason="make prove runs it")
    browser = pytest.mark.skip(reason="no chromium: sudo apt-get install -y chromium")
    for item in items:
        if not share and item.get_closest_marker("long"):
            item.add_marker(long)
        if not CHROMIUM.exists() and (item.get_closest_marker("browser") or item.get_closest_marker("axe")):
            item.add_marker(browser)


def pytest_collection_finish() -> None:
    """What is imported by now stays until the end: the collector need not look through it, over and over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _start(config: pytest.Config) -> ThrowAway:
    config.stash[_started] = ThrowAway(Places.here())
    return config.stash[_started]


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """The run's cluster. A run in one process starts it here, when a test needs it."""
    config = request.config
    if hasattr(config, "workerinput"):
        return Server(**config.workerinput["server"])
    return (config.stash.get(_started, None) or _start(config)).server


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    server: Server,
    django_test_environment: None,
    django_db_blocker: Any,
    monkeypatch_session: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Give this worker a copy of the template and lead Django's three roles to it.

    With ``PARTITIONED`` in the environment its large tables are partitioned, as a test of its own asks.
    Settings were read before any of this could be known, so the dictionaries that Django connects by are changed in
    place; threads of a test share them.
    """
    name = f"test_{getattr(request.config, 'workerinput', {}).get('workerid', 'main')}"
    server.copy_template(name, PROJECT)
    for alias, role in ROLES.items():
        connections.settings[alias].update(server.settings(role, name))
    if os.environ.get("PARTITIONED"):
        with django_db_blocker.unblock():
            for table in django_settings.PARTITIONED:
                switching.partition_table(table, at=datetime.now(UTC))
            connections["owner"].close()
    with server.superuser(name) as superuser:
        monkeypatch_session.setattr(TransactionTestCase, "_fixture_teardown", lambda case: cleaning.clean(superuser))
        yield
    for connection in connections.all(initialized_only=True):
        connection.close()


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    """``monkeypatch`` for the length of the run."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch
