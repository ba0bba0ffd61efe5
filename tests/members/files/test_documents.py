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
