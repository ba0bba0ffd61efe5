"""A file that people uploaded, as rows of text under its headings."""

import csv
import io
from collections.abc import Iterator
from typing import IO

import tablib
from django.utils.module_loading import import_string

from loyalty.kernel.errors import Refusal

LARGEST_BYTES = 2 * 1024 * 1024
# Loaded when the first workbook comes: its library costs every process of the product half a second.
WORKBOOK = "loyalty.kernel.imports.workbook.lines"
MOST_ROWS = 5000


class FileRefused(Refusal):
    """The file cannot be read as a table of this kind."""

    code = "imports.damaged"


class TooLarge(FileRefused):
    """More bytes than a page takes."""

    code = "imports.too_large"


class TooManyRows(FileRefused):
    """More lines than a page takes."""

    code = "imports.too_many_rows"


class UnknownKind(FileRefused):
    """Neither CSV nor XLSX."""

    code = "imports.unknown_kind"


class NotUtf8(FileRefused):
    """Text in another encoding."""

    code = "imports.not_utf8"


class Empty(FileRefused):
    """No lines below the headings."""

    code = "imports.empty"


class KeyMissing(FileRefused):
    """Without the column that tells rows apart."""

    code = "imports.key_missing"


class UnknownColumn(FileRefused):
    """A heading that means nothing here."""

    code = "imports.unknown_column"


class ColumnTwice(FileRefused):
    """The same heading two times."""

    code = "imports.column_twice"


def read(content: IO[bytes], name: str) -> tablib.Dataset:
    """The table in a CSV or XLSX file: every cell as text without blanks around it, empty lines left out.

    :raises FileRefused: too large, of another kind, damaged, without headings, or with too many rows.
    """
    data = content.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise TooLarge(megabytes=LARGEST_BYTES // 1024 // 1024)
    if data.startswith(b"PK"):
        lines = import_string(WORKBOOK)(data)
    elif name.lower().endswith((".csv", ".txt")):
        lines = _text(data)
    else:
        raise UnknownKind()
    return _table(lines)


def _text(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise NotUtf8() from problem
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as problem:
        raise FileRefused() from problem


def _table(lines: Iterator[list[str]]) -> tablib.Dataset:
    heading: list[str] = []
    table = tablib.Dataset()
    for line in lines:
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if any("\0" in cell for cell in cells):
            raise FileRefused()
        if not heading:
            heading = [cell.lower() for cell in cells]
            while heading and not heading[-1]:
                heading.pop()
            table.headers = heading
            continue
        if len(table) == MOST_ROWS:
            raise TooManyRows(most=MOST_ROWS)
        table.append([*cells, *[""] * len(heading)][: len(heading)])
    if not len(table):
        raise Empty()
    return table
