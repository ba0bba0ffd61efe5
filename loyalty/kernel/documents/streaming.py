"""Tables of any length as files: row by row, never all in memory."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Protocol
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _

from loyalty.kernel.documents.writing import harmless

ROWS_OF_SHEET = 1_048_576
# Spreadsheets keep fifteen digits; a longer number stands as text.
LARGEST_NUMBER = 10**15


class Rows(Protocol):
    """Takes a table row by row. A cell is text, a number, a day, an instant, yes or no, or nothing."""

    def add(self, cells: Sequence[Any]) -> None:
        """Write one row."""

    def close(self) -> None:
        """Finish the file; nothing can be added any more."""


class CsvRows:
    """Semicolons and a byte order mark, so that spreadsheets in Polish and Russian open it; figures with a point."""

    def __init__(self, stream: BinaryIO, heading: Sequence[str], title: str, zone: ZoneInfo) -> None:
        self._zone = zone
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
        self._writer = csv.writer(self._text, delimiter=";", lineterminator="\r\n")
        self._writer.writerow([harmless(name) for name in heading])

    def add(self, cells: Sequence[Any]) -> None:
        self._writer.writerow([self._cell(cell) for cell in cells])

    def _cell(self, cell: Any) -> str:
        if cell is None:
            return ""
        if isinstance(cell, bool):
            return _("yes") if cell else _("no")
        if isinstance(cell, int | Decimal):
            return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
        if isinstance(cell, datetime):
            return cell.astimezone(self._zone).isoformat(timespec="seconds")
        return cell.isoformat() if isinstance(cell, date) else harmless(str(cell))

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


class XlsxRows:
    """A workbook that keeps one row in memory; what does not fit on a sheet goes on on the next."""

    def __init__(self, stream: BinaryIO, heading: Sequence[str], title: str, zone: ZoneInfo) -> None:
        self._zone, self._heading, self._title = zone, heading, title
        self._book = xlsxwriter.Workbook(stream, {"constant_memory": True})
        self._head = self._book.add_format({"bold": True, "bottom": 1})
        self._instant = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheets = 0
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(str(self._sheets))
        self._sheet.set_column(0, len(self._heading) - 1, 20)
        self._sheet.freeze_panes(1, 0)
        for place, name in enumerate(self._heading):
            self._sheet.write_string(0, place, name, self._head)
        self._line = 1

    def add(self, cells: Sequence[Any]) -> None:
        if self._line == ROWS_OF_SHEET:
            self._begin_sheet()
        for place, cell in enumerate(cells):
            self._write(place, cell)
        self._line += 1

    def _write(self, place: int, cell: Any) -> None:
        if cell is None:
            return
        if isinstance(cell, bool):
            self._sheet.write_string(self._line, place, _("yes") if cell else _("no"))
        elif isinstance(cell, int | Decimal) and -LARGEST_NUMBER < cell < LARGEST_NUMBER:
            self._sheet.write_number(self._line, place, cell)
        elif isinstance(cell, datetime):
            local = cell.astimezone(self._zone).replace(tzinfo=None)
            self._sheet.write_datetime(self._line, place, local, self._instant)
        elif isinstance(cell, date):
            self._sheet.write_datetime(self._line, place, cell, self._day)
        else:
            # write_string: text never becomes a formula, whatever it begins with.
            self._sheet.write_string(self._line, place, str(cell))

    def close(self) -> None:
        self._book.set_properties({"title": self._title})
        self._book.close()


ROW_FORMATS: Mapping[str, Callable[[BinaryIO, Sequence[str], str, ZoneInfo], Rows]] = {"csv": CsvRows, "xlsx": XlsxRows}
