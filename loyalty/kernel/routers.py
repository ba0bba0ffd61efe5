"""Which database role serves what: one database, three roles, and a replica for reads that may lag."""

from typing import Any

from loyalty.kernel import replica


class RoleRouter:
    """Everything runs as ``app``; migrations may run through ``owner`` only; reads may lag where a block says so."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        return replica.alias()

    def db_for_write(self, model: type, **hints: Any) -> str:
        return "default"

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool:
        return database in {"owner", "default"}
