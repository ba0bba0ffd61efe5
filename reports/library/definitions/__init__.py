"""The reports there are, by code."""

from collections.abc import Mapping

from reports.library.definitions import expiry, members, movement, partners, promotions
from reports.library.definitions.base import Definition, Request

DEFINITIONS: Mapping[str, Definition] = {
    definition.code: definition
    for definition in (
        members.DEFINITION,
        movement.DEFINITION,
        expiry.DEFINITION,
        promotions.DEFINITION,
        partners.DEFINITION,
    )
}

__all__ = ["DEFINITIONS", "Definition", "Request"]
