"""Use cases of setting up a program."""

from collections.abc import Mapping, Sequence
from typing import Any

from loyalty.kernel import audit, scope
from loyalty.kernel.unit_of_work import unit_of_work
from programs.setup.models import EventKind, Program
from programs.setup.terms import Term, nearest


def present_terms(of: Sequence[Term], program: Program) -> dict[str, Any]:
    """The settings in force, by name; what the program does not say comes from the operator."""
    return {term.name: nearest(term, program) for term in of}


def set_terms(of: Sequence[Term], wanted: Mapping[str, Any]) -> None:
    """Set them all for the program in scope; the same again changes nothing and records nothing."""
    with unit_of_work():
        program = Program.objects.select_for_update(no_key=True).get()
        before = present_terms(of, program)
        made = {term.name: (before[term.name], wanted[term.name]) for term in of}
        assert all(term.accepts(wanted[term.name]) for term in of), "the form lets nothing else through"
        changed = {name: pair for name, pair in made.items() if pair[0] != pair[1]}
        if changed:
            program.settings = {**program.settings, **{name: after for name, (_before, after) in changed.items()}}
            program.save(update_fields=["settings"])
            audit.record("program.changed", program, changes=changed)


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
