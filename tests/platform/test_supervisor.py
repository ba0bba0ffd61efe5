"""The supervisor: what dies is started again, within bounds; what stops leaves nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.platform import processes, services
from loyalty.platform import supervisor as supervision
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem
from loyalty.platform.services import Service
from loyalty.platform.supervisor import MOST_RESTARTS, StopRequested, Supervisor, stop_signals
from tests.platform.conftest import PROJECT, Start, kill, server_pid

pytestmark = pytest.mark.pure

# A service with a child of its own, like a web server with its workers.
FAMILY = (
    "import subprocess, sys, time\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print('up', flush=True); time.sleep(600)"
)
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True); time.sleep(600)"
)


def service(program: str, *, name: str = "family", turn: int = 1, patience: float = 5.0) -> Service:
    return Service(name, [sys.executable, "-c", program], turn, [(signal.SIGTERM, patience)])


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(places: Places, said: list[str]) -> Iterator[Supervisor]:
    places.prepare()
    made = Supervisor(places, None, said.append)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield made
    made.stop()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def marked(places: Places) -> list[int]:
    """The processes of the installation."""
    return processes.find(processes.carries(services.MARK, str(places.var)))


def wait_for_family(places: Places, size: int) -> list[int]:
    assert processes.wait_until(lambda: len(marked(places)) == size, seconds=10)
    return marked(places)


def test_starts_again_what_was_killed_without_doubling_its_children(
    supervisor: Supervisor, places: Places, said: list[str]
) -> None:
    supervisor.start(service(FAMILY))
    before = wait_for_family(places, 2)
    kill(min(before))

    supervisor.look()

    after = wait_for_family(places, 2)
    assert not set(before) & set(after)
    assert said == [
        "[family] ended with code -9; starting it again (1 of 5 in a minute), see " + str(places.log / "family.log")
    ]


def test_gives_up_on_what_dies_again_and_again(supervisor: Supervisor, places: Places, said: list[str]) -> None:
    supervisor.start(service("raise SystemExit('no such table')"))

    def look_until_refused() -> None:
        while True:
            assert processes.wait_until(lambda: not marked(places), seconds=10)
            supervisor.look()

    with pytest.raises(Problem, match="6 times within a minute") as refusal:
        look_until_refused()

    assert "no such table" in str(refusal.value)
    assert len(said) == MOST_RESTARTS


def test_starts_the_database_again(start: Start, places: Places, said: list[str]) -> None:
    cluster = start()
    supervisor = Supervisor(places, cluster, said.append)
    kill(server_pid(cluster))

    supervisor.look()

    assert cluster.is_alive()
    assert not cluster.is_attached
    cluster.superuser().close()


def test_starts_a_database_that_it_had_joined_when_its_starter_is_gone(start: Start, places: Places) -> None:
    first, joined = start(), start()
    assert joined.is_attached
    supervisor = Supervisor(places, joined, lambda text: None)
    first.stop()

    supervisor.look()

    assert joined.is_alive()
    assert not joined.is_attached


def test_stops_in_turns_and_leaves_no_process(supervisor: Supervisor, places: Places, said: list[str]) -> None:
    supervisor.start(service(FAMILY, name="worker", turn=3))
    supervisor.start(service(FAMILY, name="reports", turn=3))
    supervisor.start(service(FAMILY, name="web", turn=1))
    supervisor.start(service(FAMILY, name="beat", turn=2))
    wait_for_family(places, 8)

    supervisor.stop()

    assert said == ["Stopping web", "Stopping beat", "Stopping worker, reports"]
    assert marked(places) == []


def test_kills_what_does_not_stop(supervisor: Supervisor, places: Places) -> None:
    supervisor.start(service(STUBBORN, patience=0.2))
    assert processes.wait_until(lambda: (places.log / "family.log").read_text() == "up\n", seconds=10)

    supervisor.stop()

    assert marked(places) == []


def test_its_children_end_when_it_is_killed_or_by_the_next_start(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from loyalty.platform.places import Places\n"
        "from loyalty.platform.supervisor import Supervisor\n"
        "from tests.platform.test_supervisor import STUBBORN, service\n"
        "places = Places(project=Path(sys.argv[1]), var=Path(sys.argv[2])); places.prepare()\n"
        "supervisor = Supervisor(places, None, print)\n"
        "supervisor.start(service('import time; time.sleep(600)', name='one'))\n"
        "supervisor.start(service(STUBBORN, name='two'))\n"
        "print('ready', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(PROJECT), str(places.var)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "ready\n"
        assert processes.wait_until(lambda: (places.log / "two.log").read_text() == "up\n", seconds=10)
        supervisor.kill()

    assert processes.wait_until(lambda: len(marked(places)) == 1, seconds=10)
    said: list[str] = []
    monkeypatch.setattr(supervision, "LEFTOVERS_MAY_TAKE", 0.2)
    Supervisor(places, None, said.append).clear_leftovers()
    assert marked(places) == []
    assert said == ["Processes that an earlier run left behind were ended."]


def test_the_first_stop_signal_counts_and_a_second_does_not_disturb() -> None:
    def interrupt_twice() -> None:
        with stop_signals():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)

    with pytest.raises(StopRequested):
        interrupt_twice()

    assert signal.getsignal(signal.SIGINT) is before


def test_a_long_log_moves_aside(supervisor: Supervisor, places: Places) -> None:
    log = places.log / "family.log"
    with log.open("wb") as file:
        file.truncate(20_000_001)

    supervisor.start(service("print('new', flush=True); import time; time.sleep(600)"))

    assert processes.wait_until(lambda: log.read_text() == "new\n", seconds=10)
    assert Path(places.log / "family.1.log").stat().st_size == 20_000_001
