"""The cells of a file: they come to the rules as they were written, and a purchase is recognized as by the API."""

import io

import pytest
from django.db import connection

from loyalty.kernel.api.idempotency import body_hash
from members.files import purchases, staging
from members.files.staging import StagedLine, StagedPurchase
from tests.members.files.writing import row, written

CELLS = {
    "external_id": "R-1",
    "member_kind": "card",
    "member": "79927398713",
    "at": "2026-10-20T11:30:00Z",
    "currency": "PLN",
}
STRANGE = 'żółć 漢字 \\ / " \x7f \x01 \u2028 😀'


def staged(*lines: dict[str, str]) -> StagedPurchase:
    return StagedPurchase("R-1", 7, 1000, CELLS, [StagedLine(place, line) for place, line in enumerate(lines, 2)])


def test_a_purchase_is_recognized_as_by_the_api():
    one = staged({"sku": "A", "qty": "1", "amount": "10.00", "categories": "x|y", "brand": STRANGE}, {"sku": STRANGE})

    (given,) = purchases.read([one], source="api").given

    document = {
        "member": {"kind": "card", "value": "79927398713"},
        "external_id": "R-1", "at": "2026-10-20T11:30:00Z", "currency": "PLN",
        "lines": [
            {"sku": "A", "qty": "1", "amount": "10.00", "categories": ["x", "y"], "brand": STRANGE}, {"sku": STRANGE},
        ],
    }  # fmt: skip
    assert purchases.document(one) == document
    assert given.body_hash == body_hash(document)


@pytest.mark.django_db
def test_cells_are_kept_as_they_are_written(monkeypatch):
    monkeypatch.setattr(staging, "LINES_A_PART", 2)
    texts = ["\\N", "\\", "a\\tb", "a\tb", "two\nlines", "two\r\nlines", "\\.", 'a"b', "", "żółć"]

    content = written([row(f"R-{number}", brand=text) for number, text in enumerate(texts)])
    counted, columns = staging.fill(io.BytesIO(content), currency="USD", exponent=2)

    assert (counted.purchases, counted.lines, counted.amount) == (len(texts), len(texts), 1000 * len(texts))
    with connection.cursor() as cursor:
        cursor.execute("SELECT brand FROM pg_temp.intake_line ORDER BY line")
        assert [brand for (brand,) in cursor.fetchall()] == texts
    (one,) = staging.chunk(3, 1, exponent=2, columns=columns)
    assert one.lines[0].cells["brand"] == "a\tb"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "is_number"),
    [
        ("0", True), ("-1", True), ("1.5", True), ("0.12345678901", True), ("1234567890.12", True),
        ("1" * 16, True), ("0.123456789012", True), ("1" * 16 + "." + "1" * 12, True),
        ("1" * 17, False), ("0.1234567890123", False), ("1.", False), (".5", False), ("-", False), ("1.2.3", False),
        ("1e3", False), ("NaN", False), ("Infinity", False), ("0x1F", False), ("1_000", False),
        ("+1", False), ("1,5", False), ("\u0661\u0662", False),
    ],
)  # fmt: skip
def test_what_is_a_figure(text, is_number):
    """Sixteen digits and twelve decimals, plainly written; cells of few letters are looked at in a quicker way."""
    content = written([row("R-1", qty=text)])
    staging.fill(io.BytesIO(content), currency="USD", exponent=2)

    with connection.cursor() as cursor:
        cursor.execute("SELECT qty_n IS NOT NULL FROM pg_temp.intake_line")
        assert cursor.fetchone() == (is_number,)
