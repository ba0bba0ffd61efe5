"""Installations of their own for the tests of the platform, in folders that PostgreSQL's account can reach."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loyalty.platform import processes, services
from loyalty.platform.home import choose_home
from loyalty.platform.places import OPEN_FOLDER, Places
from loyalty.platform.postgres import Cluster
from tests.platform.whole import PROJECT, Platform

Start = Callable[..., Cluster]


@pytest.fixture
def places() -> Iterator[Places]:
    """An empty ``var`` of this checkout, gone after the test with every process that it started."""
    folder = Path(tempfile.mkdtemp(prefix=f"loyalty-test-{os.getpid()}-"))
    folder.chmod(OPEN_FOLDER)
    yield Places(project=PROJECT, var=folder / "var")
    processes.end_all(processes.carries(services.MARK, str(folder / "var")), patience=0)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def platform(places: Places) -> Platform:
    """The whole product in a folder of its own, at a free port; not started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    return Platform(places, port)


@pytest.fixture
def start(places: Places) -> Iterator[Start]:
    """Start the server of ``places``; a second call is a second start. Quick and unsafe unless told otherwise."""
    started: list[Cluster] = []

    def start(*, throw_away: bool = True) -> Cluster:
        cluster = Cluster(choose_home(places), password="first", log=places.log, throw_away=throw_away)
        started.append(cluster)
        cluster.start()
        return cluster

    yield start
    for cluster in started:
        cluster.stop()


def server_pid(cluster: Cluster) -> int:
    """The postmaster's process id, from its lock file."""
    return int((cluster.home.data / "postmaster.pid").read_text().split("\n")[0])


def server_processes(cluster: Cluster) -> list[int]:
    """Every process of the cluster's server, the postmaster and its children."""
    marks = (str(cluster.home.data), f"loyalty-{cluster.home.token}")
    return processes.find(lambda pid: any(mark in " ".join(processes.command_line(pid)) for mark in marks))


def kill(pid: int) -> None:
    """``kill -9`` and wait for the end; a child of ours stays a zombie until it is asked for."""
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not processes.is_running(pid), seconds=10)
