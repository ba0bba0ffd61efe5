"""Which database role serves what: one database, three roles."""

from typing import Any


class RoleRouter:
    """Everything runs as ``app``; migrations may run through ``owner`` only."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        return "default"

    def db_for_write(self, model: type, **hints: Any) -> str:
        return "default"

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool:
        return database in {"owner", "default"}
