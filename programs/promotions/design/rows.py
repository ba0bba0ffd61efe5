"""What the page is made of: parts with fields and rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from programs.promotions.design.attributes import EVENT, Attributes, Offered
from programs.promotions.design.fields import Field, Option
from programs.promotions.design.offers import Addition

EVENT_TRIGGER = "event:"


@dataclass(slots=True)
class Row:
    """A condition, an effect or a limit with its fields; a group has rows within.

    :param words: what it says, where the page has no fields for it.
    :param kept: what of it the page does not edit, in words.
    """

    path: str
    title: str
    fields: list[Field] = field(default_factory=list)
    rows: list["Row"] = field(default_factory=list)
    additions: Sequence[Addition] = ()
    adds_to: str = ""
    is_group: bool = False
    can_move: bool = True
    can_remove: bool = True
    problems: list[str] = field(default_factory=list)
    words: str = ""
    kept: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """One step of the page."""

    code: str
    title: str
    question: str
    fields: list[Field] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    additions: Sequence[Addition] = ()
    adds_to: str = ""
    problems: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def is_faulty(self) -> bool:
        """Whether something in it keeps the promotion from being published."""
        return bool(self.problems) or any(one.problem for one in self.fields) or any(map(_is_faulty, self.rows))


def _is_faulty(row: Row) -> bool:
    return bool(row.problems) or any(one.problem for one in row.fields) or any(map(_is_faulty, row.rows))


@dataclass(frozen=True, slots=True)
class Palette:
    """What the program offers to choose from.

    :param grants: the effects beside earning that may be added; ``choices`` by effect: what it may name.
    :param own: the attributes that the program declares: of members, and of events by the code of the event.
    """

    currency: str
    point_types: Sequence[Option]
    groups: Sequence[Option]
    grants: Sequence[Addition] = ()
    choices: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    events: Sequence[Option] = ()
    own: Sequence[Offered] = ()
    of_events: Mapping[str, Sequence[Offered]] = field(default_factory=dict)
    partners: Sequence[Option] = ()

    @property
    def default_type(self) -> str:
        """The point type that is meant where none is named."""
        return self.point_types[0].value if self.point_types else ""

    def attributes(self, document: Mapping[str, Any]) -> Attributes:
        """What a promotion may ask about; an event brings its own."""
        trigger = document.get("trigger", "")
        on = str(trigger.get("on", "") if isinstance(trigger, Mapping) else trigger)
        brought = self.of_events.get(on.removeprefix(EVENT_TRIGGER), ()) if on.startswith(EVENT_TRIGGER) else ()
        assert all(one.group == EVENT for one in brought)
        return Attributes([*self.own, *brought])


def all_fields(found: Sequence[Part]) -> Iterator[Field]:
    """Every field of the page, those of a thing before those of its parts."""
    for part in found:
        yield from part.fields
        for row in all_rows(part.rows):
            yield from row.fields


def all_rows(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows and the rows within them."""
    for row in rows:
        yield row
        yield from all_rows(row.rows)


def additions(found: Sequence[Part]) -> Iterator[tuple[str, Addition]]:
    """Everything that the page offers to add, with the place that it is added to."""
    for part in found:
        yield from ((part.adds_to, one) for one in part.additions)
        for row in all_rows(part.rows):
            yield from ((row.adds_to, one) for one in row.additions)
