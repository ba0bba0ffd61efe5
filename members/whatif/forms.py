"""What the test panel sends: whom and what to try the draft on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.http import QueryDict

from loyalty.kernel import money
from loyalty.kernel.errors import Malformed
from members.activity import intake
from members.activity.intake import LineInput, PurchaseInput
from members.activity.replay import Recorded
from programs.catalog import queries as catalog
from programs.rules.dates import instant, local

PURCHASE, SAMPLE = "purchase", "sample"
MOST_LINES, MOST_COPIED = 20, 8


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A line of a sample basket as it was typed."""

    sku: str
    quantity: str = "1"
    price: str = "10.00"


@dataclass(frozen=True, slots=True)
class Sample:
    """A basket put together by hand; ``at`` is a local moment as the browser writes it."""

    lines: Sequence[SampleLine]
    store: str
    at: str


def read_sample(data: QueryDict) -> Sample:
    """The basket that a browser sent, with what its buttons asked for done."""
    rows = zip(data.getlist("sku"), data.getlist("qty"), data.getlist("price"), strict=False)
    lines = [SampleLine(*row) for row in rows][:MOST_LINES]
    dropped = data.get("remove", "")
    if dropped.isdecimal() and int(dropped) < len(lines):
        del lines[int(dropped)]
    lines += [SampleLine(sku) for sku in data.getlist("add") if sku]
    # The picker sends what was there before what was picked: the newest store wins.
    return Sample(lines[:MOST_LINES], (data.getlist("store") or [""])[0], data.get("at", ""))


def copied(one: Recorded, exponent: int) -> list[SampleLine]:
    """The lines of a recorded purchase as a basket to go on from."""
    lines = []
    for line in one.purchase.lines[:MOST_COPIED]:
        price = int(line.paid / line.qty) if line.qty else line.paid
        lines.append(SampleLine(line.sku or "", f"{line.qty.normalize():f}", money.to_text(price, exponent)))
    return lines


def purchase_of(sample: Sample, currency: str, exponent: int, zone: ZoneInfo, now: datetime) -> Recorded:
    """The sample as a purchase that the rules can judge.

    :raises Malformed: something typed is no number, or makes no sense.
    """
    at = _moment(sample.at, zone, now)
    places = catalog.locations([sample.store] if sample.store else [])
    place = places.get(sample.store)
    given = PurchaseInput(
        source="", external_id="", body_hash=b"", member_id=0, at=at, currency=currency,
        lines=tuple(_line(index, line, exponent) for index, line in enumerate(sample.lines)),
    )  # fmt: skip
    products = catalog.products({line.sku for line in given.lines})
    lines = intake.rule_lines(given.lines, products, 0)
    purchase = intake.rule_purchase(given, at, lines, place)
    amount = sum(line.paid for line in lines)
    return Recorded(0, 0, local(at, zone).date(), at, purchase, place.partner_id if place else None, amount)


def _moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    try:
        return instant(datetime.fromisoformat(text).replace(tzinfo=None), zone).astimezone(UTC)
    except ValueError:
        return now


def _line(index: int, line: SampleLine, exponent: int) -> LineInput:
    try:
        quantity = Decimal(line.quantity.replace(",", ".").strip() or "0")
    except InvalidOperation as problem:
        raise Malformed(errors=[(f"lines.{index}.qty", "not_a_number")]) from problem
    price = money.to_units(line.price.replace(",", ".").strip(), exponent, field=f"lines.{index}.price")
    return LineInput(line_id=str(index + 1), sku=line.sku, quantity=quantity, unit_price=price)
