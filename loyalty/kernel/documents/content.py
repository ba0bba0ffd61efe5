"""What a document says, apart from how it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats

from loyalty.kernel.money import exponent
from loyalty.kernel.pages import figures

UNKNOWN = "–"


class Kind(StrEnum):
    """What a column holds: it decides alignment, number format and how a cell is written."""

    TEXT = "text"
    NUMBER = "number"
    POINTS = "points"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Points are smallest units with ``decimals``, money minor units of ``currency``, percent a Decimal."""

    title: str
    kind: Kind = Kind.TEXT
    decimals: int = 0
    currency: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether it is aligned to the right."""
        return self.kind in {Kind.NUMBER, Kind.POINTS, Kind.MONEY, Kind.PERCENT}

    @property
    def places(self) -> int:
        """Decimals behind the point."""
        if self.kind == Kind.MONEY:
            return exponent(self.currency)
        return {Kind.POINTS: self.decimals, Kind.PERCENT: 1}.get(self.kind, 0)

    @property
    def heading(self) -> str:
        """The title with its unit, said once."""
        if self.kind == Kind.MONEY:
            return f"{self.title}, {self.currency}"
        return f"{self.title}, %" if self.kind == Kind.PERCENT else self.title

    def value(self, cell: Any) -> Any:
        """The cell in whole units for a spreadsheet: Decimal for figures, as given otherwise."""
        if cell is None or not self.is_figure:
            return cell
        if self.kind in {Kind.POINTS, Kind.MONEY}:
            return Decimal(cell).scaleb(-self.places)
        return Decimal(cell)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading that says something. ``total`` has one cell per column; empty cells stay empty."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    total: Sequence[Any] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that stands out, already written for the reader."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars from zero: one group a label, one bar a series. Values are whole numbers."""

    title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Document:
    """A report or statement: what it is, for when, from whom, and its parts."""

    title: str
    headline: str
    program: str
    period: str
    zone: ZoneInfo
    made_at: datetime
    made_by: str
    language: str
    figures: Sequence[Figure] = field(default_factory=list)
    charts: Sequence[Bars] = field(default_factory=list)
    tables: Sequence[Table] = field(default_factory=list)
    notes: Sequence[str] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """All rows of all tables."""
        return sum(len(table.rows) for table in self.tables)


def text_of(column: Column, cell: Any, zone: ZoneInfo) -> str:
    """A cell as people read it, in the active language; unknown is a dash, zero is a zero."""
    if cell is None:
        return UNKNOWN
    if column.kind in {Kind.POINTS, Kind.MONEY}:
        return figures.points(cell, column.places)
    if column.kind == Kind.PERCENT:
        return formats.number_format(Decimal(cell).quantize(Decimal("0.1")), decimal_pos=1)
    if column.kind == Kind.NUMBER:
        return figures.points(cell)
    if isinstance(cell, datetime):
        return formats.date_format(cell.astimezone(zone), "SHORT_DATETIME_FORMAT")
    if isinstance(cell, date):
        return formats.date_format(cell, "SHORT_DATE_FORMAT")
    return str(cell)
