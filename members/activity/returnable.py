"""What of a purchase may still come back, and on which terms. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from loyalty.kernel.errors import NotFound
from members.activity.models import Evaluation, Purchase, PurchaseLine, Settlement
from members.activity.operations import settling
from programs.promotions import snapshots
from programs.returns.sentence import sentences
from programs.returns.terms import Bonus, Terms
from programs.rules.dates import local
from programs.rules.returns import RECOMPUTE


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """One line with what is left of it.

    :param until: the last day, of the program's zone; None without an end.
    :param mode: what happens to the points, ``recompute`` where no terms say otherwise.
    :param settlements: what the member may get: money, an exchange, a bonus.
    :param words: the terms in the reader's language; empty where there are none.
    """

    line_id: str
    sku: str
    product: str
    left: Decimal
    until: date | None
    is_returnable: bool
    mode: str
    settlements: tuple[str, ...]
    bonus: Bonus | None
    words: str


def returnable_lines(purchase_id: int, at: datetime) -> list[ReturnableLine]:
    """The lines of a purchase in their order, as a return made at ``at`` would find them.

    :raises NotFound: no such purchase here.
    """
    purchase = Purchase.objects.filter(pk=purchase_id).first()
    if purchase is None:
        raise NotFound()
    judged = (
        Evaluation.objects.filter(purchase_id=purchase_id, kind="purchase").only("outcome", "snapshot_number").get()
    )
    frozen = snapshots.of_number(judged.snapshot_number)
    terms = settling.terms_of(judged.outcome, frozen)
    words = sentences(one.id for one in terms.values())
    rows = PurchaseLine.objects.filter(purchase_id=purchase_id).select_related("product").order_by("number")
    return [_line(row, purchase, terms, words, local(at, frozen.zone).date()) for row in rows]


def _line(
    row: PurchaseLine,
    purchase: Purchase,
    terms: Mapping[str, Terms],
    words: Mapping[int, str],
    day: date,
) -> ReturnableLine:
    held = terms.get(row.line_id)
    until = None if held is None else held.last_day(purchase.occurred_date)
    left = row.quantity - row.returned_quantity
    return ReturnableLine(
        line_id=row.line_id,
        sku=row.sku,
        product=row.product.name if row.product else row.sku,
        left=left,
        until=until,
        is_returnable=left > 0 and (until is None or day <= until),
        mode=RECOMPUTE if held is None else held.mode,
        settlements=_settlements(held),
        bonus=None if held is None else held.bonus,
        words="" if held is None else words[held.id],
    )


def _settlements(held: Terms | None) -> tuple[str, ...]:
    money = (Settlement.MONEY.value,) if held is None or held.gives_money else ()
    bonus = (Settlement.BONUS.value,) if held is not None and held.bonus is not None else ()
    return (*money, Settlement.EXCHANGE.value, *bonus)
