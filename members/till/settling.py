"""The settings of tills, kept with the program."""

from collections.abc import Mapping
from typing import Any

from programs.setup import services, terms
from programs.setup.models import Program

OF_TILLS = (terms.POINTS_AT_TILL, terms.TILL_HOLD_MINUTES, terms.TILL_OFFLINE_LIMIT, terms.CARD_EARNS_PER_HOUR)


def present(program: Program) -> dict[str, Any]:
    """The settings in force, by name; what the program does not say comes from the operator."""
    return services.present_terms(OF_TILLS, program)


def set_till(wanted: Mapping[str, Any]) -> None:
    """Set them all for the program in scope; the same again changes nothing and records nothing."""
    services.set_terms(OF_TILLS, wanted)
