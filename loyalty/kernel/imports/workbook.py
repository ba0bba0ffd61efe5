"""The first sheet of an XLSX file as lines of text."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl

from loyalty.kernel.imports.reading import LARGEST_BYTES, FileRefused, TooLarge

# A workbook is a zip: a small one may hold a mountain.
LARGEST_UNPACKED = 50 * 1024 * 1024
MOST_COLUMNS = 50


def lines(data: bytes) -> Iterator[list[str]]:
    """The cells of the first sheet as texts, line by line.

    :raises FileRefused: it is damaged or no workbook, or unpacks to a mountain.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise TooLarge(megabytes=LARGEST_BYTES // 1024 // 1024)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True):
            yield [_cell(value) for value in row]
    except FileRefused:
        raise
    except Exception as problem:  # a damaged part of it makes its readers stumble in ways of their own
        raise FileRefused() from problem


def _cell(value: Any) -> str:
    if value is None:
        return ""
    # Spreadsheets hold every number as a fraction: 1000.0 is the article 1000.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
