"""What a statement stands on: the program, its settings, the keys of what conditions name, and the moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from programs.rules import ProgramSettings, dates
from programs.rules.view import zone
from programs.tiers.arithmetic import SchemeTerms


@dataclass(frozen=True, slots=True)
class Ground:
    """The program in scope at one moment.

    :param at: the moment at which members are judged.
    :param schemes: tier schemes, the main one first.
    :param point_types: key by code; ``purposes`` of consent, ``event_kinds`` and ``segments`` likewise.
    :param bits: word and bit of the masks by code, of segments by a condition.
    :param lists: value lists by reference.
    :param members: keys of the members to judge, from the first to before the second; None for an end that is open.
    """

    program_id: int
    at: datetime
    settings: ProgramSettings
    schemes: tuple[SchemeTerms, ...] = ()
    point_types: Mapping[str, int] = field(default_factory=dict)
    purposes: Mapping[str, int] = field(default_factory=dict)
    event_kinds: Mapping[str, int] = field(default_factory=dict)
    segments: Mapping[str, int] = field(default_factory=dict)
    bits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    members: tuple[int | None, int | None] = (None, None)

    @property
    def now(self) -> datetime:
        """Naive local time of the program."""
        return dates.local(self.at, zone(self.settings.timezone))

    @property
    def today(self) -> date:
        """The local day of the program: history counts in it."""
        return self.now.date()

    def list_value(self, value: Any) -> Any:
        """A list given by reference is replaced by its values."""
        if isinstance(value, Mapping) and "list" in value:
            return list(self.lists[value["list"]])
        return value
