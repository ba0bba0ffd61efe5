"""Passwords and keys: made once, kept in ``var`` for the owner alone, and handed to the product as one file."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from loyalty.platform.places import Places
from loyalty.platform.problem import Problem

SECRETS_FILE = "secrets.json"
# Read by loyalty/settings/environment.py for whatever the process environment does not say.
ENVIRONMENT_FILE = "environment.json"


@dataclass(frozen=True)
class Secrets:
    """What an installation must keep: ``field_keys`` open the personal data, lost keys are lost data."""

    superuser: str
    owner: str
    app: str
    auditor: str
    broker: str
    secret_key: str
    field_keys: str

    @classmethod
    def new(cls) -> "Secrets":
        """Fresh random ones. ``field_keys`` is one key of 32 bytes in base64."""
        passwords = {role: secrets.token_urlsafe(24) for role in ("superuser", "owner", "app", "auditor", "broker")}
        field_key = base64.b64encode(secrets.token_bytes(32)).decode()
        return cls(**passwords, secret_key=secrets.token_urlsafe(48), field_keys=field_key)


def load_or_make(places: Places, *, data: Path | None) -> Secrets:
    """The secrets of this installation, made at the first call.

    :raises Problem: they are missing although the database in ``data`` exists, or cannot be read.
    """
    path = places.var / SECRETS_FILE
    try:
        return Secrets(**json.loads(path.read_text()))
    except FileNotFoundError:
        pass
    except (PermissionError, ValueError, TypeError) as error:
        raise Problem(
            f"{path} cannot be read ({type(error).__name__}). It belongs to the user who ran the platform first;\n"
            "run it as that user, or put the file back from a backup."
        ) from None
    if data is not None and data.exists():
        raise Problem(
            f"{path} is missing, but there is a database in {data}.\n"
            "Put the file back from a backup: it holds the database's passwords and the keys of the personal data.\n"
            f"Without it, only an empty beginning is possible: rm -r {data.parent}"
        )
    made = Secrets.new()
    _write(path, asdict(made))
    return made


def publish(places: Places, values: Mapping[str, str]) -> None:
    """Write what the product reads at its start; unchanged values leave the file alone."""
    path = places.var / ENVIRONMENT_FILE
    if path.exists() and json.loads(path.read_text()) == dict(values):
        return
    _write(path, values)


def _write(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file whole, readable for its owner alone from its first byte."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(dict(values), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
