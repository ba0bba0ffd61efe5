"""Where things lie."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

# Reachable for every account, whatever the permissions of the folder that the project was cloned into.
ELSEWHERE = Path("/var/lib/loyalty")
OPEN_FOLDER = 0o755


@dataclass(frozen=True)
class Places:
    """The folders of one installation. ``var`` holds all that the product writes; the rest is never written to."""

    project: Path
    var: Path

    @classmethod
    def here(cls) -> "Places":
        """This checkout; ``VAR_DIR`` moves what it writes to another folder."""
        project = Path(__file__).resolve().parents[2]
        return cls(project=project, var=Path(os.environ.get("VAR_DIR", project / "var")).resolve())

    @property
    def log(self) -> Path:
        """One file for each process."""
        return self.var / "log"

    @property
    def postgres(self) -> Path:
        """The embedded server's home; a link where PostgreSQL's account cannot reach the project."""
        return self.var / "postgres"

    @property
    def python(self) -> str:
        """The interpreter of the virtual environment, also for the children."""
        return sys.executable

    def prepare(self) -> None:
        """Create the folders that are missing; folders that exist keep their permissions."""
        if not self.var.exists():
            make_open_folder(self.var)
        self.log.mkdir(mode=0o750, exist_ok=True)

    def manage(self, *arguments: str) -> list[str]:
        """The command line of one management command."""
        return [self.python, str(self.project / "manage.py"), *arguments]


def make_open_folder(path: Path) -> None:
    """Create a folder that every account may pass through, under a strict umask too."""
    path.mkdir(parents=True)
    path.chmod(OPEN_FOLDER)
