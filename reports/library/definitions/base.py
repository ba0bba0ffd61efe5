"""What every report has in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from loyalty.kernel import replica
from loyalty.kernel.documents import Bars, Document, Figure, Table
from loyalty.kernel.pages import figures
from programs.setup.models import PointType, Program
from reports.library.periods import Period


@dataclass(frozen=True, slots=True)
class Request:
    """What a report is made for. The language is active while it is built."""

    program: Program
    point_type: PointType
    period: Period
    made_at: datetime
    made_by: str
    language: str

    @property
    def points_name(self) -> str:
        """The point type as people call it."""
        return str(self.point_type.name)

    def points(self, units: int) -> str:
        """Points as people read them, without their name."""
        return figures.points(units, self.point_type.decimals)

    def value_of(self, units: int) -> int:
        """Minor units of the program's currency that points are worth, rounded down."""
        worth = self.program.point_value * units * 10**self.program.exponent
        return int(worth / 10**self.point_type.decimals)

    @property
    def period_text(self) -> str:
        """The period in words."""
        first, last = (formats.date_format(day, "SHORT_DATE_FORMAT") for day in (self.period.first, self.period.last))
        return first if self.period.first == self.period.last else f"{first} – {last}"


Build = Callable[[Request, Callable[[int, int], None]], Document]


@dataclass(frozen=True, slots=True)
class Definition:
    """A report: its code, its words, and how it is built. ``build`` tells its progress as (done, of)."""

    code: str
    title: Any
    question: Any
    icon: str
    build: Build


def document(
    request: Request,
    *,
    title: str,
    headline: str,
    standing: Sequence[tuple[str, str]],
    charts: Sequence[Bars],
    tables: Sequence[Table],
    notes: Sequence[str] = (),
) -> Document:
    """A document of the library: the note on its source is the same everywhere."""
    source = _(
        "Source: the ledger and the purchases of %(period)s, time zone %(zone)s, as known at the time of making."
    )
    return Document(
        title=title,
        headline=headline,
        program=str(request.program.name),
        period=request.period_text,
        zone=request.program.zone,
        made_at=request.made_at,
        made_by=request.made_by,
        language=request.language,
        figures=[Figure(name, text) for name, text in standing],
        charts=charts,
        tables=tables,
        notes=[source % {"period": request.period_text, "zone": request.program.timezone}, *notes],
    )


def percent(part: int, whole: int) -> Decimal | None:
    """The share of ``part`` in ``whole`` with one decimal, halves up; unknown when there is no whole."""
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def rows(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a question to the database, within the scope in force; from a replica where reads may lag."""
    with replica.connection().cursor() as cursor:
        cursor.execute(sql, dict(values))
        return list(cursor.fetchall())
