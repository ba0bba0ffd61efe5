"""Start, find and end processes so that none is left behind, whoever of them is killed."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_PROC = Path("/proc")


def _bound_to_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A step for the child, before it becomes the program: the kernel ends it when its parent is gone.

    Runs after the change of user, which would clear the flag.
    """
    parent = os.getpid()

    def bind() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind


def spawn(
    command: Sequence[str],
    *,
    output: IO[bytes],
    environment: Mapping[str, str],
    folder: Path,
    death_signal: signal.Signals = signal.SIGTERM,
    identity: Mapping[str, Any] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a long-lived child in a session of its own, so that Ctrl-C reaches the supervisor alone.

    ``death_signal`` is what the child gets when this process dies, even by SIGKILL. Call it from the main thread: the
    kernel watches the thread that started the child. ``identity`` names another user (see ``Account.identity``).
    """
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=_bound_to_parent(death_signal),
        **(identity or {}),
    )


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Whether ``condition`` came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True


def is_running(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        state = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


def command_line(pid: int) -> list[str]:
    """The arguments of a process, readable for everyone; empty when it is gone."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return []


def find(accepts: Callable[[int], bool]) -> list[int]:
    """The running processes, other than this one, that ``accepts`` knows by their id."""
    candidates = (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())
    return [pid for pid in candidates if pid != os.getpid() and is_running(pid) and accepts(pid)]


def carries(variable: str, value: str) -> Callable[[int], bool]:
    """A test for :func:`find`: the process was started with this environment variable."""
    needle = f"{variable}={value}".encode()

    def accepts(pid: int) -> bool:
        try:
            return needle in (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            return False

    return accepts


def send(pids: Sequence[int], wanted: signal.Signals) -> None:
    """Signal each process that still exists."""
    for pid in pids:
        try:
            os.kill(pid, wanted)
        except ProcessLookupError:
            continue


def end_all(accepts: Callable[[int], bool], *, patience: float) -> list[int]:
    """Wait ``patience`` seconds for the processes to end by themselves, then kill them; returns what was killed."""
    if wait_until(lambda: not find(accepts), seconds=patience, every=0.1):
        return []
    left = find(accepts)
    send(left, signal.SIGKILL)
    wait_until(lambda: not find(accepts), seconds=5)
    return left


def end_group(leader: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the session that ``leader`` started, itself included."""
    try:
        os.killpg(leader.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    leader.wait()


def end(children: Sequence[subprocess.Popen[bytes]], stopping: Sequence[tuple[signal.Signals, float]]) -> None:
    """Ask children to end, all at once: by each signal in turn, with its patience in seconds.

    Whatever is left of their sessions afterwards is killed.
    """
    for wanted, patience in stopping:
        alive = [child for child in children if child.poll() is None]
        send([child.pid for child in alive], wanted)
        wait_until(lambda: all(child.poll() is not None for child in children), seconds=patience)
    for child in children:
        end_group(child)


@contextmanager
def interrupts_left_to_child() -> Iterator[None]:
    """Let Ctrl-C mean what the program in the foreground makes of it, for example psql's own.

    A handler, since "ignore" would be inherited by that program.
    """
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
