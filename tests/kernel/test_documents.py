"""One description, three formats, the same figures."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from loyalty.kernel.documents import Bars, Column, Document, Figure, Kind, Table, write
from loyalty.kernel.documents import pdf as pdf_module

pytestmark = pytest.mark.pure


def document(language: str = "en", rows: int = 2, **values) -> Document:
    columns = [
        Column("Name"),
        Column("Points", Kind.POINTS, decimals=1),
        Column("Worth", Kind.MONEY, currency="PLN"),
        Column("Share", Kind.PERCENT),
        Column("Day", Kind.DATE),
        Column("When", Kind.INSTANT),
    ]
    instant = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    made = [
        ["=Zażółć gęślą", 12345, 678901, Decimal("45.3"), date(2026, 3, 2), instant],
        ["Жук", -5, 0, None, None, None],
    ]
    table = Table("By name: all", columns, (made * rows)[:rows], total=["All", 12340, 678901, None, None, None])
    known = {
        "title": "A report", "headline": "It says something", "program": 'A "quoted" <program> & co', "period": "March",
        "zone": ZoneInfo("Europe/Warsaw"), "made_at": instant, "made_by": "Tests", "language": language,
        "figures": [Figure("Sum", "1,234.0")], "tables": [table],
        "charts": [Bars("Bars <b>", ["a", "b"], [("Points", [3, 10])])],
    }  # fmt: skip
    return Document(**(known | values))


def test_csv_has_a_mark_semicolons_local_time_and_no_formula():
    text = write(document(), "csv").read().decode("utf-8")
    assert text.startswith("\ufeff")
    found = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert found[0] == ["Name", "Points", "Worth, PLN", "Share, %", "Day", "When"]
    assert found[1] == ["'=Zażółć gęślą", "1234.5", "6789.01", "45.3", "2026-03-02", "2026-03-02T23:30+01:00"]
    assert found[2] == ["Жук", "-0.5", "0.00", "", "", ""]
    assert found[3][:3] == ["All", "1234.0", "6789.01"]


def test_xlsx_holds_numbers_as_numbers_and_text_as_text():
    sheet = load_workbook(write(document(), "xlsx")).active
    assert sheet.title == "By name  all"
    assert [cell.value for cell in sheet[4]] == ["Name", "Points", "Worth, PLN", "Share, %", "Day", "When"]
    row = sheet[5]
    assert (row[0].value, row[0].data_type) == ("=Zażółć gęślą", "s")
    assert (row[1].value, row[2].value, row[3].value) == (1234.5, 6789.01, 45.3)
    assert (row[4].value.date(), row[5].value) == (date(2026, 3, 2), datetime(2026, 3, 2, 23, 30))
    assert (sheet[7][0].value, sheet[7][1].value) == ("All", 1234.0)
    assert sheet.freeze_panes == "B5"


@pytest.mark.parametrize("rows", [2, 1400])
def test_pdf_says_the_same_in_polish_letters_with_either_engine(rows):
    made = PdfReader(write(document("pl", rows=rows), "pdf"))
    text = " ".join(page.extract_text() for page in made.pages)
    for expected in ("It says something", "=Zażółć gęślą", "Жук", "6\u00a0789,01", "A quoted program & co", "March"):
        assert expected.replace("\u00a0", " ") in text.replace("\u00a0", " "), expected
    assert len(made.pages) == 1 if rows == 2 else len(made.pages) > 10


def test_a_page_opens_nothing_from_outside():
    html = pdf_module.html_of(document())
    assert "http" not in html
    assert "file:" not in html
