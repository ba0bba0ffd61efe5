"""One statement that judges every member of the program by any number of conditions, in one scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from members.segments.sql.conditions import condition_sql
from members.segments.sql.ground import Ground
from members.segments.sql.parameters import Parameters
from members.segments.sql.past import Histories
from members.segments.sql.sight import Sight

# Who was erased is nobody any more.
LIVING = "m.status <> 'erased'"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A condition to be judged, by a name of its own (letters and digits), and its level.

    :param code: of the segment that it defines, where it does: conditions of a higher level see who is in it now.
    :param level: 0 where it asks for no other wanted condition, else above all that it asks for.
    """

    name: str
    condition: Mapping[str, Any]
    code: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT of ``id`` and one boolean a condition: true, false, null for unknown; where unknown was not asked for, null
    may stand for false.

    :param ctes: what has to stand in a WITH before it, by name.
    """

    columns: tuple[str, ...]
    text: str
    ctes: Mapping[str, str]
    parameters: Mapping[str, Any]

    def whole(self, select: str) -> str:
        """``select`` with all that it stands on; it reads the members as the table ``judged``."""
        named = [f"{name} AS MATERIALIZED {sql}" for name, sql in self.ctes.items()]
        return f"WITH {', '.join([*named, f'judged AS ({self.text})'])} {select}"


class _Judging(Sight):
    """A member while segments are being judged: those of lower levels are seen as they are found."""

    def __init__(self, ground: Ground, parameters: Parameters) -> None:
        super().__init__(ground, parameters)
        self.judged: dict[str, str] = {}
        self._computed: dict[str, str] = {}

    def once(self, sql: str) -> str:
        return f"v.{self._computed.setdefault(sql, f'x{len(self._computed)}')}"

    def computed(self) -> list[str]:
        """The join that brings what is computed once a member; an outer join keeps it from being written out anew in each
        place, and several processes can share in it."""
        columns = ", ".join(f"{sql} AS {name}" for sql, name in self._computed.items())
        return [f"LEFT JOIN LATERAL (SELECT {columns}) v ON true"] if columns else []

    def segment(self, code: str) -> str:
        return self.judged.get(code) or super().segment(code)


def select_members(
    ground: Ground,
    wanted: Sequence[Wanted],
    parameters: Parameters | None = None,
    *,
    keeps_unknown: bool = False,
    keeps_erased: bool = False,
) -> Select:
    """Judge the members of the program, those that were erased left out.

    :param keeps_unknown: answer null where a condition is unknown; else false or null.
    :param keeps_erased: leave nobody out; the column ``is_living`` says who was not erased.
    """
    parameters = parameters or Parameters()
    sight, past = _Judging(ground, parameters), Histories(ground, parameters)
    levels: list[str] = []
    numbers = sorted({one.level for one in wanted})
    # A level that others ask is kept whole: written out again wherever it is asked for, the text would grow without bound.
    for level in numbers:
        here = [one for one in wanted if one.level == level]
        said = [(one, condition_sql(one.condition, sight, past, keeps_unknown=keeps_unknown)) for one in here]
        columns = [f"{sql} AS {one.name}" for one, sql in said]
        levels.append(f"LEFT JOIN LATERAL (SELECT {', '.join(columns)}) l{level} ON true")
        sight.judged |= {one.code: f"(l{level}.{one.name} IS TRUE)" for one in here if one.code}
    names = tuple(one.name for one in wanted)
    picked = ["m.id", *[f"l{one.level}.{one.name}" for one in wanted]]
    tables = " ".join(["members_member m", *sight.joins.values(), *sight.computed(), *past.joins(), *levels])
    text = f"FROM {tables} WHERE m.program_id = {sight.program}{sight.within('m.id')}"
    if keeps_erased:
        text = f"SELECT {', '.join(picked)}, {LIVING} AS is_living {text}"
    else:
        text = f"SELECT {', '.join(picked)} {text} AND {LIVING}"
    return Select(("id", *names), text, past.ctes, parameters.values)
