"""Use cases of setting up a program."""

from collections.abc import Mapping, Sequence
from typing import Any

from loyalty.kernel import audit, scope
from loyalty.kernel.unit_of_work import unit_of_work
from programs.setup.models import EventKind


def declare_event(*, code: str, name: Mapping[str, str], attributes: Sequence[Mapping[str, Any]]) -> EventKind:
    """Declare a kind of event of the program in scope, so that machines may report it.

    :raises django.core.exceptions.ValidationError: the code, the name or the attributes are not what they must be.
    """
    with unit_of_work():
        kind: EventKind = EventKind(
            program_id=scope.program_id(), code=code, name=dict(name), attributes=[dict(one) for one in attributes]
        )
        kind.full_clean(exclude=["program"])
        kind.save()
        audit.record("event_kind.declared", kind)
    return kind
