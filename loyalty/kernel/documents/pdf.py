"""PDF without network and without files other than our fonts.

WeasyPrint makes tagged documents and needs Pango from the system; PlutoPrint brings everything along and is forty times
quicker on long tables. Short documents take the first where it is there, all others the second.
"""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import plutoprint
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe

from loyalty.kernel.documents import charts
from loyalty.kernel.documents.content import Document, Table, text_of

MOST_ROWS_TAGGED = 1000
MOST_ROWS = 20_000
# Loading them costs every process of the product a second: only the one that prints a document pays it.
TAGGED = "loyalty.kernel.documents.tagged.render"
UNPACKED = "loyalty.kernel.documents.unpacking.unpacked"
FONTS = ("Inter-Regular", "Inter-SemiBold", "Inter-Bold")


@cache
def _fonts() -> list[dict[str, str]]:
    """Our fonts as data addresses: neither engine has to open anything. PlutoPrint reads no WOFF2, so they are unpacked."""
    folder = settings.BASE_DIR / "static" / "look" / "fonts"
    unpacked = import_string(UNPACKED)
    weights = {"Inter-Regular": "400", "Inter-SemiBold": "600", "Inter-Bold": "700"}
    return [{"weight": weights[name], "data": unpacked(folder / f"{name}.woff2")} for name in FONTS]


def html_of(document: Document) -> str:
    """The document as one self-contained page."""
    return render_to_string(
        "documents/document.html",
        {
            "document": document,
            "fonts": _fonts(),
            "margins": {name: _in_style(getattr(document, name)) for name in ("program", "period", "title")},
            "charts": [(chart, charts.bars(chart, on_paper=True), charts.legend(chart)) for chart in document.charts],
            "tables": [_cells(table, document) for table in document.tables],
        },
    )


def _in_style(text: str) -> SafeString:
    """Text that may stand between quotes in a style sheet, where nothing is decoded."""
    return mark_safe("".join(sign for sign in str(text) if sign not in '"\\<>\n\r'))


def _cells(table: Table, document: Document) -> dict[str, Any]:
    rows = table.rows[:MOST_ROWS]
    return {
        "title": table.title,
        "note": table.note,
        "columns": table.columns,
        "rows": [
            [
                (text_of(column, cell, document.zone), column.is_figure)
                for column, cell in zip(table.columns, row, strict=True)
            ]
            for row in rows
        ],
        "total": [
            ("" if cell is None else text_of(column, cell, document.zone), column.is_figure)
            for column, cell in zip(table.columns, table.total or (), strict=bool(table.total))
        ],
        "left_out": len(table.rows) - len(rows),
    }


def _refuse(url: str, *args: Any, **kwargs: Any) -> Any:
    raise ValueError(f"a document opens nothing: {url[:40]}")


class _ClosedFetcher(plutoprint.ResourceFetcher):  # type: ignore[misc]
    """Refuses every address but data."""

    def fetch_url(self, url: str) -> Any:
        if not url.startswith("data:"):
            return _refuse(url)
        return plutoprint.default_resource_fetcher.fetch_url(url)


@cache
def _tagged() -> Callable[[str], bytes] | None:
    try:
        render: Callable[[str], bytes] = import_string(TAGGED)
    except OSError:  # Pango is not installed: the import itself fails
        return None
    return render


def render(document: Document) -> bytes:
    """The document as A4 PDF with its period and page numbers on every page."""
    html = html_of(document)
    tagged = _tagged()
    if tagged is not None and document.row_count <= MOST_ROWS_TAGGED:
        return tagged(html)
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
    book.custom_resource_fetcher = _ClosedFetcher()
    book.load_html(html)
    stream = io.BytesIO()
    book.write_to_pdf_stream(stream)
    return stream.getvalue()
