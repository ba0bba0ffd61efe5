"""`make check`: everything about the source that a machine can check."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from loyalty.kernel import catalogs
from loyalty.platform import services
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem
from loyalty.platform.progress import say

# pytest's code for "nothing was collected".
_NO_TESTS = 5

_Outcome = tuple[bool, str]


def check(places: Places, *, only: Sequence[str] = ()) -> int:
    """Run the checks, all of them or those named; returns 1 when one fails, after the last.

    :raises Problem: a name is unknown.
    """
    known = _checks(places)
    unknown = [name for name in only if name not in known]
    if unknown:
        raise Problem(f"There is no check '{unknown[0]}'. There are: {', '.join(known)}")
    failed = []
    for name, perform in known.items():
        if only and name not in only:
            continue
        began = time.monotonic()
        is_passed, output = perform()
        say(f"{'ok    ' if is_passed else 'FAILED'} {name:<14}{time.monotonic() - began:6.1f} s")
        if not is_passed:
            failed.append(name)
            say(output)
    say(f"\nFailed: {', '.join(failed)}" if failed else "\nEverything holds.")
    return 1 if failed else 0


def _checks(places: Places) -> dict[str, Callable[[], _Outcome]]:
    tools = Path(sys.executable).parent

    def tool(name: str, *arguments: str, accepted: Sequence[int] = (0,)) -> Callable[[], _Outcome]:
        return lambda: _run(places, [str(tools / name), *arguments], accepted)

    def manage(*arguments: str) -> Callable[[], _Outcome]:
        # Without a running database Django warns that it could not compare the migrations applied there.
        command = [places.python, "-W", "ignore::RuntimeWarning", str(places.project / "manage.py"), *arguments]
        return lambda: _run(places, command, (0,))

    return {
        "lint": tool("ruff", "check", "--quiet", "."),
        "format": tool("ruff", "format", "--check", "--quiet", "--diff", "."),
        "types": tool("mypy", "--no-error-summary", "."),
        "layers": tool("lint-imports"),
        "templates": tool("djlint", "templates", "--lint", "--quiet"),
        "system": manage("check", "--fail-level", "WARNING"),
        "migrations": manage("makemigrations", "--check", "--dry-run"),
        "messages": lambda: _catalogs(places),
        "accessibility": tool("pytest", "--ds=loyalty.settings.test", "-n", "2", "-m", "axe", accepted=(0, _NO_TESTS)),
    }


def _run(places: Places, command: Sequence[str], accepted: Sequence[int]) -> _Outcome:
    done = subprocess.run(
        command,
        cwd=places.project,
        env=services.environment(places),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode in accepted, done.stdout.strip()


def _catalogs(places: Places) -> _Outcome:
    found = catalogs.faults(places.project)
    return not found, "\n".join(found)
