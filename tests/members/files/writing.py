"""Files of purchases as a partner's system writes them, and their way through the product's doors."""

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from rest_framework.test import APIClient

from loyalty.kernel import jobs
from members.files.models import PurchaseFile
from tests import factories
from tests.factories import Shop

COLUMNS = ("external_id", "member_kind", "member", "at", "currency", "sku", "qty", "amount")
CARD = "79927398713"
ADDRESS = "/api/v1/files/purchases"


def row(external_id: str, amount: str = "10.00", **cells: str) -> dict[str, str]:
    """One line of a receipt of the member with the card."""
    usual = {
        "external_id": external_id, "member_kind": "card", "member": CARD, "at": "2026-10-20T11:30:00Z",
        "currency": "USD", "sku": "A", "qty": "1", "amount": amount,
    }  # fmt: skip
    return usual | cells


def written(
    rows: Iterable[Mapping[str, str]], *, totals: tuple[Any, Any, Any] | None = None, delimiter: str = ";"
) -> bytes:
    """The file with right totals, or with those given."""
    listed = list(rows)
    columns = list(dict.fromkeys([*COLUMNS, *(name for one in listed for name in one)]))
    text = io.StringIO(newline="")
    out = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    out.writerow(columns)
    for one in listed:
        out.writerow([one.get(name, "") for name in columns])
    out.writerow(["#END", *(totals or right_totals(listed))])
    return text.getvalue().encode()


def right_totals(rows: Iterable[Mapping[str, str]]) -> tuple[int, int, Decimal]:
    """Receipts, lines, and the sum of what is a number."""
    listed = list(rows)
    amounts = [Decimal(one["amount"]) for one in listed if one["amount"].replace(".", "").isdigit()]
    return len({one["external_id"] for one in listed}), len(listed), sum(amounts, Decimal(0))


def send(api: APIClient, content: bytes, *, name: str = "night.csv", content_type: str = "text/csv") -> Any:
    """Send it by the API."""
    return api.generic("POST", f"{ADDRESS}?name={name}", content, content_type=content_type)


def take_in(shop: Shop, content: bytes) -> dict[str, Any]:
    """Send a file by the API, let the job run, and read what became of it."""
    api = factories.client(shop, "files.write")
    file_id = send(api, content).json()["id"]
    run_jobs(shop)
    found: dict[str, Any] = api.get(f"{ADDRESS}/{file_id}").json()
    return found


def run_jobs(shop: Shop) -> None:
    """Let a worker do what waits."""
    with factories.entered(shop):
        for job_id, _queue in jobs.due():
            jobs.run(job_id)


def the_file(shop: Shop) -> PurchaseFile:
    """The only file of the shop."""
    with factories.entered(shop):
        return PurchaseFile.objects.select_related("job").get()
