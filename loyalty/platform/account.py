"""The system account that PostgreSQL runs as: it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loyalty.platform.problem import Problem

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    """A user of this machine; ``is_other`` when it is not the one who runs this program (then we are root)."""

    name: str
    uid: int
    gid: int
    is_other: bool

    @classmethod
    def for_data(cls, data: Path) -> "Account":
        """The account for a data folder: the invoking user; for root the folder's owner, else ``nobody``.

        :raises Problem: the account has no name, or the folder belongs to somebody else.
        """
        me, owner = os.geteuid(), _owner(data)
        if me != 0:
            if owner not in (None, me):
                raise Problem(
                    f"The database in {data} was made by another user (number {owner}).\n"
                    f"Start as that user, or hand everything over: sudo chown -RL $(id -un) {data.parents[1]}"
                )
            return cls._of(me, is_other=False)
        if owner:
            return cls._of(owner, is_other=True)
        try:
            return cls._of(pwd.getpwnam(UNPRIVILEGED).pw_uid, is_other=True)
        except KeyError:
            raise Problem(
                f"PostgreSQL does not run as root, and this machine has no user '{UNPRIVILEGED}' to run it as.\n"
                f"Start as an ordinary user, or add one: useradd --system {UNPRIVILEGED}"
            ) from None

    @classmethod
    def _of(cls, uid: int, *, is_other: bool) -> "Account":
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise Problem(
                f"The user id {uid} has no entry in /etc/passwd, and PostgreSQL needs one.\n"
                f"Add it: echo 'loyalty:x:{uid}:{uid}::/tmp:/bin/sh' >> /etc/passwd"
            ) from None
        return cls(name=entry.pw_name, uid=uid, gid=entry.pw_gid, is_other=is_other)

    @property
    def identity(self) -> dict[str, Any]:
        """The arguments by which ``subprocess`` becomes this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can pass through the folder and read it. Asked of the kernel, not computed."""
        question = ["test", "-r", str(folder), "-a", "-x", str(folder)]
        return subprocess.run(question, cwd="/", **self.identity).returncode == 0

    def own(self, path: Path) -> None:
        """Hand over a file or a whole folder that this program made for the account."""
        if not self.is_other:
            return
        os.chown(path, self.uid, self.gid)
        if path.is_dir():
            for folder, folders, files in os.walk(path):
                for name in (*folders, *files):
                    os.chown(Path(folder) / name, self.uid, self.gid, follow_symlinks=False)

    def make_folder(self, path: Path) -> None:
        """A folder for the account alone; one that exists must already be its own, since the path may be guessable."""
        try:
            path.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            found = path.lstat()
            if path.is_symlink() or not path.is_dir() or found.st_uid != self.uid:
                raise Problem(
                    f"{path} exists and does not belong to '{self.name}'. Remove it and start again."
                ) from None
            return
        self.own(path)

    def remove(self, path: Path) -> None:
        """Delete a folder that was made for the account."""
        shutil.rmtree(path, ignore_errors=True)


def _owner(data: Path) -> int | None:
    """Whose the data folder is, nothing while there is none; another user's cannot even be looked into."""
    try:
        return data.stat().st_uid
    except FileNotFoundError:
        return None
    except PermissionError:
        return data.parent.stat().st_uid
