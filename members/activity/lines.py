"""Lines of recorded purchases, read without models: a return or a rule that looks back reads hundreds at once."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from members.activity.models import PurchaseLine


class StoredLine(NamedTuple):
    """A recorded line; amounts in smallest units of the program's currency."""

    purchase_id: int
    id: int
    number: int
    line_id: str
    sku: str
    quantity: Decimal
    unit: str
    amount: int
    list_amount: int
    returned_quantity: Decimal
    returned_amount: int


def stored_lines(purchase_ids: Iterable[int]) -> dict[int, list[StoredLine]]:
    """The lines of purchases, in their order, by purchase."""
    rows = PurchaseLine.objects.filter(purchase_id__any=purchase_ids).order_by("number").values_list(
        "purchase_id", "pk", *StoredLine._fields[2:]
    )  # fmt: skip
    found: dict[int, list[StoredLine]] = {}
    for row in rows:
        line = StoredLine(*row)
        found.setdefault(line.purchase_id, []).append(line)
    return found
