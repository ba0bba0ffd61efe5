"""What people type, and partners send, is text wherever it comes out: no script, no formula, no header, no entity."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import BadHeaderError, EmailMessage
from openpyxl import Workbook

from loyalty.kernel.documents.writing import harmless
from tests.kernel.doors import matrix, places, walk
from tests.kernel.doors.asking import address_of, ask, taken_back
from tests.kernel.doors.places import thing_of
from tests.kernel.doors.test_staff import enter, with_parameters

SCRIPT = "<img src=x onerror=alert(1)>\"'><script>"


@pytest.mark.proof
@pytest.mark.long
@pytest.mark.parametrize("letter", ["M", "S"])
def test_a_script_in_a_name_is_shown_and_not_run(letter, place):
    """Every name of the program holds one; every page is read for it as it would run, and as it is shown."""
    with taken_back():
        stained = places.make_place("STAINED", mark=SCRIPT)
        client, wrong, shown = enter(letter, stained.program), [], 0
        asked = [
            address_of(name, given)
            for name in sorted(set(matrix.STAFF) & set(walk.names()))
            if letter in matrix.STAFF[name].read
            and (given := thing_of(stained, name) if with_parameters(name) else {}) is not None
        ]
        asked += [
            f"/admin/search/?s={letter}",
            "/admin/members/?q=M1",
            "/admin/segments/",
            "/admin/promotions/pick/products/",
        ]
        for address in asked:
            _status, body, headers = ask(client, "GET", address)
            if headers.get("Content-Type", "").startswith("text/html"):
                shown += b"&lt;img src=x" in body
                wrong += [address] * (b"<img src=x" in body or b"'><script>" in body)

    assert shown >= 10
    assert wrong == []


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_that_begins_like_a_formula_is_text(sign):
    assert harmless(f"{sign}HYPERLINK(1)") == f"'{sign}HYPERLINK(1)"


def test_a_subject_with_a_line_break_is_no_second_header():
    with pytest.raises(BadHeaderError):
        EmailMessage("Hello\r\nBcc: all@example.com", "text", to=["a@example.com"]).message()


def workbook(**parts: bytes) -> bytes:
    """A workbook of the imports of products, with parts exchanged by the ends of their names."""
    book, whole, out = Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["sku", "name", "category"])
    book.active.append(["1", "One", "grocery"])
    book.save(whole)
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as write:
        for name in read.namelist():
            exchanged = next((content for end, content in parts.items() if name.endswith(f"{end}.xml")), None)
            write.writestr(name, read.read(name) if exchanged is None else exchanged)
    return out.getvalue()


ENTITY = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row><c t="inlineStr"><is><t>sku</t></is></c></row><row><c t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>"""
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"ha" * 500 + b'">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 50) for n in range(6)
) + b"]><worksheet><sheetData><row><c><v>&g;</v></c></row></sheetData></worksheet>"  # fmt: skip


TABLE = b"sku;name;category\n1;One;grocery"
NO_TABLES = {
    "entity": workbook(sheet1=ENTITY),
    "laughs": workbook(sheet1=LAUGHS),
    "no end": workbook(sheet1=b"<worksheet>"),
    "empty part": workbook(workbook=b""),
    "mountain": workbook(sheet1=b"0" * 60_000_000),
    "no text": workbook(styles=b"<a/>", sheet1=b"\xff\xfe"),
    "no zip": b"PK\x03\x04" + b"0" * 900,
    "pdf": b"%PDF-1.7 sku;name",
    "html": b"<html><table><tr><td>sku</td></tr></table>",
    "program": b"MZ\x90\x00" + TABLE,
    "utf-16": TABLE.decode().encode("utf-16"),
    "open quote": TABLE.replace(b"1;", b'"1;'),
    "long cell": TABLE.replace(b"One", b"x" * 1_000_000),
    "columns": b";" * 10_000,
    "twice": TABLE.replace(b"name", b"sku"),
    "nul": TABLE.replace(b"One", b"\0"),
}


@pytest.mark.parametrize("content", NO_TABLES.values(), ids=NO_TABLES.keys())
@pytest.mark.parametrize("name", ["rows.xlsx", "rows.csv"])
@pytest.mark.filterwarnings("ignore:Workbook contains no stylesheet")
def test_a_file_that_is_no_table_is_refused_in_words(name, content, place):
    client, address = enter("M", place.program), address_of("programs_catalog_product_import")

    status, body, _headers = ask(
        client, "POST", address, {"file": SimpleUploadedFile(name, content), "_program": place.program}
    )

    assert status == 400
    assert b"root:" not in body


@pytest.mark.parametrize(
    ("name", "content"),
    [("rows.xlsx", workbook()), ("rows.csv", b"sku;name;category\n1;One;grocery")],
    ids=["xlsx", "csv"],
)
def test_a_file_that_is_a_table_is_shown(name, content, place):
    """Else the others would be refused for a reason of their own."""
    client, address = enter("M", place.program), address_of("programs_catalog_product_import")

    status, body, _headers = ask(
        client, "POST", address, {"file": SimpleUploadedFile(name, content), "_program": place.program}
    )

    assert status == 200
    assert b"One" in body
