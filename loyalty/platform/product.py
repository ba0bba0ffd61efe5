"""The product's own management commands, as the platform calls them."""

import json
import os
import subprocess
from collections.abc import Sequence

from loyalty.platform import logs, services
from loyalty.platform.installation import Installation
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem

DEMO_MONTHS = 3
# A migration that waits for a lock makes the tills behind it wait too.
_MIGRATION_OPTIONS = "-c lock_timeout=5s"


def manage(places: Places, *arguments: str) -> int:
    """Run one command on this terminal; returns its exit code."""
    return subprocess.run(places.manage(*arguments), env=services.environment(places), cwd=places.project).returncode


def migrate(places: Places) -> None:
    """Bring the tables up to date as the role that owns them.

    :raises Problem: a migration failed.
    """
    with logs.appended(places.log, "migrate") as output:
        done = subprocess.run(
            places.manage("migrate", "--database", "owner", "--no-input"),
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**services.environment(places), "PGOPTIONS": _MIGRATION_OPTIONS},
            cwd=places.project,
        )
    if done.returncode != 0:
        log = places.log / "migrate.log"
        raise Problem(f"The tables could not be brought up to date. The end of {log}:\n{logs.tail(log)}")


def load_demo(places: Places, installation: Installation) -> None:
    """Fill an embedded database that holds no program yet with the demo; ``DEMO=0`` leaves it empty.

    :raises Problem: loading failed.
    """
    if os.environ.get("DEMO") == "0" or not has_command(places, "load_demo") or installation.holds_programs():
        return
    with installation.filling_with_demo():
        if manage(places, "load_demo", "--months", str(DEMO_MONTHS)) != 0:
            raise Problem("The demo data could not be loaded, see above. To begin without: make run DEMO=0")


def demo_logins(places: Places, url: str) -> Sequence[str]:
    """A line for each login that the demo has: role, login, password and page.

    ``manage.py demo_logins --json`` prints a list of objects with the keys role, login, password and path.
    """
    if not has_command(places, "demo_logins"):
        return []
    done = subprocess.run(
        places.manage("demo_logins", "--json"),
        env=services.environment(places),
        cwd=places.project,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        return []
    logins: list[dict[str, str]] = json.loads(done.stdout)
    widths = {key: max((len(login[key]) for login in logins), default=0) for key in ("role", "login", "password")}
    return [
        "  ".join(f"{login[key]:<{width}}" for key, width in widths.items()) + f"  {url.rstrip('/')}{login['path']}"
        for login in logins
    ]


def has_command(places: Places, name: str) -> bool:
    """Whether the product has a management command, told from its files: asking Django would take seconds."""
    packages = (folder for folder in places.project.iterdir() if (folder / "__init__.py").exists())
    return any(any(package.glob(f"**/management/commands/{name}.py")) for package in packages)
