"""The settings of tills, kept with the program."""

from collections.abc import Mapping
from typing import Any

from loyalty.kernel import audit
from loyalty.kernel.unit_of_work import unit_of_work
from programs.setup import terms
from programs.setup.models import Program

OF_TILLS = (terms.POINTS_AT_TILL, terms.TILL_HOLD_MINUTES, terms.TILL_OFFLINE_LIMIT)


def present(program: Program) -> dict[str, Any]:
    """The settings in force, by name; what the program does not say comes from the operator."""
    return {term.name: terms.nearest(term, program) for term in OF_TILLS}


def set_till(wanted: Mapping[str, Any]) -> None:
    """Set them all for the program in scope; the same again changes nothing and records nothing."""
    with unit_of_work():
        program = Program.objects.select_for_update(no_key=True).get()
        before = present(program)
        made = {term.name: (before[term.name], wanted[term.name]) for term in OF_TILLS}
        assert all(term.accepts(wanted[term.name]) for term in OF_TILLS), "the form lets nothing else through"
        changed = {name: pair for name, pair in made.items() if pair[0] != pair[1]}
        if changed:
            program.settings = {**program.settings, **{name: after for name, (_before, after) in changed.items()}}
            program.save(update_fields=["settings"])
            audit.record("program.changed", program, changes=changed)
