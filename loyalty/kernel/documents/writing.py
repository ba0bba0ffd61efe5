"""Writing a document in a format people asked for."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import xlsxwriter
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from loyalty.kernel.documents import pdf
from loyalty.kernel.documents.content import Column, Document, Kind, Table

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
LONGEST_SHEET_NAME = 31
_FORBIDDEN_IN_SHEET = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
# A cell that begins so would be read as a formula; the wide forms are the same signs on some keyboards.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(document: Document, file_format: str) -> BinaryIO:
    """The document as a file, in its own language and zone."""
    assert file_format in FORMATS, f"unknown format {file_format}"
    stream = io.BytesIO()
    with translation.override(document.language), timezone.override(document.zone):
        FORMATS[file_format](document, stream)
    stream.seek(0)
    return stream


def _write_pdf(document: Document, stream: BinaryIO) -> None:
    stream.write(pdf.render(document))


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _write_csv(document: Document, stream: BinaryIO) -> None:
    """Semicolons and a byte order mark: so spreadsheets in Polish and Russian open it; figures with a point."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for place, table in enumerate(document.tables):
        if place:
            writer.writerow([])
        if len(document.tables) > 1:
            writer.writerow([harmless(table.title)])
        writer.writerow([harmless(column.heading) for column in table.columns])
        for row in [*table.rows, *([table.total] if table.total else [])]:
            writer.writerow(
                [_csv_cell(column, cell, document) for column, cell in zip(table.columns, row, strict=True)]
            )
    text.detach()


def _csv_cell(column: Column, cell: Any, document: Document) -> str:
    if cell is None:
        return ""
    if column.is_figure and not isinstance(cell, str):
        return f"{column.value(cell):.{column.places}f}"
    if isinstance(cell, datetime):
        return cell.astimezone(document.zone).isoformat(timespec="minutes")
    return harmless(str(cell))


def _write_xlsx(document: Document, stream: BinaryIO) -> None:
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": document.title, "subject": document.period, "author": document.made_by})
    styles = _Styles(book)
    taken: set[str] = set()
    for table in document.tables:
        _write_sheet(book, table, document, styles, taken)
    book.close()


class _Styles:
    """The few formats that all sheets share."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.mute = book.add_format({"font_color": "#616977"})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._cells: dict[tuple[str, int, bool], Any] = {}

    def cell(self, column: Column, *, is_total: bool) -> Any:
        """The format of a column's cells."""
        key = (column.kind, column.places, is_total)
        if key not in self._cells:
            options: dict[str, Any] = {"bold": True, "top": 1} if is_total else {}
            if column.is_figure:
                options["num_format"] = "#,##0" + ("." + "0" * column.places if column.places else "")
            elif column.kind == Kind.DATE:
                options["num_format"] = "yyyy-mm-dd"
            elif column.kind == Kind.INSTANT:
                options["num_format"] = "yyyy-mm-dd hh:mm"
            self._cells[key] = self.book.add_format(options)
        return self._cells[key]


def _sheet_name(title: str, taken: set[str]) -> str:
    base = title.translate(_FORBIDDEN_IN_SHEET).strip()[:LONGEST_SHEET_NAME] or _("Table")
    name, number = base, 2
    while name.lower() in taken:
        name, number = f"{base[: LONGEST_SHEET_NAME - 3]} {number}", number + 1
    taken.add(name.lower())
    return name


def _write_sheet(book: Any, table: Table, document: Document, styles: _Styles, taken: set[str]) -> None:
    sheet = book.add_worksheet(_sheet_name(table.title, taken))
    sheet.write_string(0, 0, table.title, styles.title)
    sheet.write_string(1, 0, f"{document.program} · {document.period}", styles.mute)
    first = 3
    for place, column in enumerate(table.columns):
        sheet.write_string(first, place, column.heading, styles.head)
        sheet.set_column(place, place, 16 if column.kind != Kind.TEXT else 28)
    for offset, row in enumerate(table.rows, start=1):
        _write_row(sheet, first + offset, table, row, document, styles, is_total=False)
    if table.rows:
        sheet.autofilter(first, 0, first + len(table.rows), len(table.columns) - 1)
    if table.total:
        _write_row(sheet, first + len(table.rows) + 1, table, table.total, document, styles, is_total=True)
    sheet.freeze_panes(first + 1, 1)
    sheet.repeat_rows(first)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_row(
    sheet: Any, line: int, table: Table, row: Any, document: Document, styles: _Styles, *, is_total: bool
) -> None:
    for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        style = styles.cell(column, is_total=is_total)
        if cell is None:
            sheet.write_blank(line, place, None, style)
        elif column.is_figure and not isinstance(cell, str):
            sheet.write_number(line, place, column.value(cell), style)
        elif isinstance(cell, datetime):
            sheet.write_datetime(line, place, cell.astimezone(document.zone).replace(tzinfo=None), style)
        elif column.kind == Kind.DATE and not isinstance(cell, str):
            sheet.write_datetime(line, place, cell, style)
        else:
            # write_string: text never becomes a formula, whatever it begins with.
            sheet.write_string(line, place, str(cell), style)


FORMATS: Mapping[str, Callable[[Document, BinaryIO], None]] = {
    "pdf": _write_pdf,
    "xlsx": _write_xlsx,
    "csv": _write_csv,
}
