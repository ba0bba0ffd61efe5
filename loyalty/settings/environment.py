"""The only file that reads the environment.

A value is looked up in the process environment first and then in ``var/environment.json``, which ``make run`` writes
(mode 0600) so that ``manage.py`` commands reach the same embedded database without any export.
"""

import json
import os
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))


def _written_by_platform() -> dict[str, str]:
    path = VAR_DIR / "environment.json"
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, PermissionError):
        return {}


_FILE = _written_by_platform()


def text(name: str, default: str = "") -> str:
    """The variable, else the platform's value, else ``default``."""
    return os.environ.get(name) or _FILE.get(name) or default


def flag(name: str, *, default: bool = False) -> bool:
    """A yes/no variable: 1, true, yes and on mean yes."""
    value = text(name)
    return value.lower() in {"1", "true", "yes", "on"} if value else default


def number(name: str, default: int) -> int:
    """A whole number."""
    return int(text(name, str(default)))


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty parts."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def mapping(name: str) -> dict[str, object]:
    """A JSON object; empty when the variable is not set."""
    found = json.loads(text(name, "{}"))
    if not isinstance(found, dict):
        raise ValueError(f"{name} must be a JSON object such as {{}}")
    return found


def database(name: str, *, application: str, fallback: str, prepare: bool = True) -> dict[str, object]:
    """A Django database entry from a libpq URL or keyword string in the variable ``name``.

    ``prepare`` binds and prepares on the server, which is quick for the product's statements; migrations send several
    statements at once and cannot.
    """
    parts = conninfo_to_dict(text(name, fallback))
    known = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    entry: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "OPTIONS": {
            "server_side_binding": prepare,
            "prepare_threshold": 0 if prepare else None,
            "application_name": application,
        },
    }
    for key, django_key in known.items():
        entry[django_key] = str(parts.pop(key, "") or "")
    _options(entry).update({key: value for key, value in parts.items() if value is not None})
    return entry


def replica(name: str, *, application: str) -> dict[str, object]:
    """A Django database entry of a read replica: nothing is written there, and nobody waits long for one that is away."""
    entry = database(name, application=application, fallback="")
    entry["OPTIONS"] = {"connect_timeout": 3, **_options(entry), "options": "-c default_transaction_read_only=on"}
    return entry


def _options(entry: dict[str, object]) -> dict[str, object]:
    options = entry["OPTIONS"]
    assert isinstance(options, dict)
    return options
