"""The audit trail: a deed is recorded in the transaction that does it, or neither happens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from loyalty.kernel import bulk, scope, telemetry
from loyalty.kernel.models import AuditRecord
from loyalty.kernel.telemetry import Origin

_COLUMNS = (
    "program", "actor_kind", "actor_id", "actor_label", "action", "object_kind", "object_id", "object_label", "changes",
    "reason", "address", "trace_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to one object. ``origin`` is that of its own request, where several are worked for together."""

    object_id: int
    object_label: str
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    origin: Origin | None = None


def record(
    action: str,
    on: models.Model,
    *,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    program_id: int | None = None,
) -> None:
    """Write down that the actor in scope did ``action`` (``<noun>.<past>``) on an object.

    ``changes`` maps a field to (before, after); values are stored as text unless they are plain JSON.
    """
    programs = scope.current().programs
    program = program_id or getattr(on, "program_id", None) or (programs[0] if len(programs) == 1 else None)
    # Whoever is signed in may stand behind a proxy, which has no such type.
    _write(program, action, on._meta.model, [Deed(on.pk, str(on), changes or {})], reason)


def record_each(action: str, kind: type[models.Model], deeds: Iterable[Deed]) -> None:
    """Write down that the actor in scope did ``action`` on each of several objects of one kind, in the program in scope."""
    _write(scope.program_id(), action, kind, deeds, "")


def _write(program_id: int | None, action: str, kind: type[models.Model], deeds: Iterable[Deed], reason: str) -> None:
    actor, here = scope.actor(), telemetry.origin()
    bulk.insert(
        AuditRecord,
        _COLUMNS,
        [
            (
                program_id, actor.kind, actor.id, actor.label, action, kind._meta.label_lower, str(deed.object_id),
                deed.object_label[:200],
                {name: [_plain(before), _plain(after)] for name, (before, after) in deed.changes.items()},
                reason, (deed.origin or here).address, (deed.origin or here).trace,
            )
            for deed in deeds
        ],
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | dict | list | None) else str(value)
