"""The audit trail: a deed is recorded in the transaction that does it, or neither happens."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from loyalty.kernel import scope, telemetry
from loyalty.kernel.models import AuditRecord


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
    actor = scope.actor()
    programs = scope.current().programs
    program = program_id or getattr(on, "program_id", None) or (programs[0] if len(programs) == 1 else None)
    AuditRecord.objects.create(
        program_id=program,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        action=action,
        object_kind=on._meta.label_lower,
        object_id=str(on.pk),
        object_label=str(on)[:200],
        changes={field: [_plain(before), _plain(after)] for field, (before, after) in (changes or {}).items()},
        reason=reason,
        address=telemetry.address(),
        trace_id=telemetry.trace_id(),
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | dict | list | None) else str(value)
