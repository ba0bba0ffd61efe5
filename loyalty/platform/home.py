"""Where the embedded server lives: its data, its socket and, if need be, its programs."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from loyalty.platform.account import Account
from loyalty.platform.places import ELSEWHERE, Places, make_open_folder
from loyalty.platform.problem import Problem

PRIMARY, REPLICA = "postgres", "replica"
SOCKET = ".s.PGSQL.5432"
# The kernel allows 107 bytes; PostgreSQL's lock file beside the socket adds five.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True)
class Home:
    """A folder for one server and the account that owns it."""

    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "data"

    @property
    def token(self) -> str:
        """A short name that tells this server from every other on the machine."""
        return hashlib.sha256(str(self.data).encode()).hexdigest()[:12]

    @property
    def socket_folder(self) -> Path:
        """Where the socket is: beside the data, or in a short folder when that path is too long for a socket."""
        beside = self.folder / "run"
        if len(str(beside / SOCKET).encode()) <= LONGEST_SOCKET_PATH:
            return beside
        return Path(tempfile.gettempdir()) / f"loyalty-{self.token}"

    def prepare(self) -> None:
        """Create the folders that are missing."""
        self.account.make_folder(self.folder)
        self.account.make_folder(self.socket_folder)


def choose_home(places: Places, name: str = PRIMARY) -> Home:
    """The home of this installation's server, or of its replica, made at the first call.

    As a rule ``var/postgres`` or ``var/replica``. For root, where PostgreSQL's account cannot pass through to the project
    (a home folder of mode 0700), a folder under ``/var/lib/loyalty`` with a link from there. No folder of the owner's is
    opened to others.

    :raises Problem: the folder belongs to somebody else, or the link leads nowhere.
    """
    places.prepare()
    wanted = places.var / name
    if wanted.is_symlink() and not wanted.exists():
        raise Problem(
            f"{wanted} leads to {wanted.readlink()}, which is missing: that folder held the database.\n"
            f"Bring it back, or remove the link to begin with an empty database: rm {wanted}"
        )
    folder = wanted.resolve()
    account = Account.for_data(folder / "data")
    if not folder.exists() and not account.can_enter(places.var):
        of_project = hashlib.sha256(str(places.project).encode()).hexdigest()[:10]
        folder = ELSEWHERE / (of_project if name == PRIMARY else f"{of_project}-{name}")
        account = Account.for_data(folder / "data")
        if not ELSEWHERE.exists():
            make_open_folder(ELSEWHERE)
        account.make_folder(folder)
        wanted.symlink_to(folder)
    return Home(folder, account)
