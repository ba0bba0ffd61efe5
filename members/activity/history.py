"""Earlier purchases as the rules read them: net of returns, only as far back as candidate rules ask."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from django.db.models import Count

from members.activity.lines import StoredLine, stored_lines
from members.activity.models import Evaluation, Event
from members.activity.models import Purchase as PurchaseRow
from members.activity.state import MemberState
from programs.catalog import queries as catalog
from programs.promotions.snapshots import FrozenProgram
from programs.rules import HistoryEvent, HistoryPurchase, Line, Needs, Purchase
from programs.rules.dates import start_of


class _Given(Protocol):
    @property
    def member_id(self) -> int: ...


class _Prepared(Protocol):
    @property
    def given(self) -> _Given: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody whose history is asked for without a purchase."""

    member_id: int

    @property
    def given(self) -> "Asking":
        """Who asks."""
        return self


def load(
    states: Mapping[int, MemberState], prepared: Sequence[_Prepared], wants: Sequence[Needs], frozen: FrozenProgram
) -> None:
    """Read the earlier purchases of the members whose candidate rules look back, in two queries for the whole batch."""
    since: dict[int, date] = {}
    counted: set[int] = set()
    for one, want in zip(prepared, wants, strict=True):
        if want.has_history:
            first = want.history_from if want.history_from and not want.last_purchase else date.min
            member_id = one.given.member_id
            since[member_id] = min(first, since.get(member_id, first))
        if want.purchase_count:
            counted.add(one.given.member_id)
    if since:
        _load_purchases(states, since, frozen, with_points=any(want.points for want in wants))
    if counted:
        rows = PurchaseRow.objects.filter(member_id__any=counted).filter(is_returned=False)
        numbers = dict(rows.values_list("member_id").annotate(count=Count("pk")))
        for member_id in counted:
            states[member_id].purchases_before = numbers.get(member_id, 0)


def _load_purchases(
    states: Mapping[int, MemberState], since: Mapping[int, date], frozen: FrozenProgram, *, with_points: bool
) -> None:
    rows = PurchaseRow.objects.filter(member_id__any=since).order_by("occurred_at", "pk")
    earliest = min(since.values())
    if earliest > date.min:
        rows = rows.filter(occurred_at__gte=start_of(earliest, frozen.zone))
    # Without models: a rule that looks back over a year reads hundreds of receipts.
    purchases = list(
        rows.values_list("pk", "member_id", "occurred_at", "channel", "payment", "currency", "location__code")
    )
    keys = [key for key, *_rest in purchases]
    lines = stored_lines(keys)
    products = catalog.products({line.sku for found in lines.values() for line in found})
    places = catalog.locations({code for *_rest, code in purchases if code})
    points = _points(keys) if with_points else {}
    for key, member_id, at, channel, payment, currency, code in purchases:
        place = places.get(code) if code else None
        states[member_id].history.append(
            HistoryPurchase(
                at=at,
                lines=tuple(_line(line, products) for line in lines.get(key, ()) if _is_kept(line)),
                channel=channel,
                payment=payment or None,
                partner=place.partner if place else None,
                store=place.code if place else None,
                store_group=place.group if place else None,
                region=place.region if place else None,
                store_tz=place.timezone if place else None,
                currency=currency,
                points=points.get(key, {}),
            )
        )


def _points(purchase_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """By purchase: what it gave of each type less what its returns took back, smallest units."""
    found: dict[int, dict[str, int]] = {}
    rows = Evaluation.objects.filter(purchase_id__any=purchase_ids)
    for purchase_id, outcome in rows.values_list("purchase_id", "outcome"):
        points = found.setdefault(purchase_id, {})
        for code, amount in outcome.get("points", {}).items():
            points[code] = points.get(code, 0) + amount
        for _rule, _effect, code, amount in outcome.get("reversed", ()):
            points[code] = points.get(code, 0) - amount
    return found


def _is_kept(line: StoredLine) -> bool:
    return line.returned_quantity < line.quantity


def _line(line: StoredLine, products: Mapping[str, catalog.ProductFacts]) -> Line:
    known = products.get(line.sku)
    quantity = line.quantity - line.returned_quantity
    return Line(
        line_id=line.line_id,
        number=line.number,
        sku=line.sku,
        product=line.sku if known else None,
        categories=known.categories if known else (),
        brand=known.brand if known else None,
        qty=quantity,
        unit=line.unit,
        paid=line.amount - line.returned_amount,
        list_amount=int((line.list_amount * quantity / line.quantity).quantize(Decimal(1), ROUND_HALF_UP)),
        tax_rate=known.tax_rate if known else None,
    )


def events_of(member_ids: Iterable[int], kinds: Collection[str]) -> dict[int, list[HistoryEvent]]:
    """By member: their events of these kinds in the order of time; nothing is read where no rule asks for any."""
    found: dict[int, list[HistoryEvent]] = {}
    if kinds:
        rows = Event.objects.filter(member_id__in=list(member_ids), kind__code__in=kinds).order_by("occurred_at", "pk")
        for member_id, at, kind, attributes in rows.values_list("member_id", "occurred_at", "kind__code", "attributes"):
            found.setdefault(member_id, []).append(HistoryEvent(at=at, type=kind, attributes=attributes))
    return found


def before(state: MemberState, at: datetime) -> Sequence[HistoryPurchase]:
    """The member's purchases earlier than an instant."""
    return [one for one in state.history if one.at < at]


def count_before(state: MemberState, at: datetime) -> int:
    """How many purchases the member made before this one, in the order of arrival."""
    assert state.purchases_before is not None, "asked for without being needed"
    return state.purchases_before


def add(state: MemberState, purchase: Purchase, points: Mapping[str, int]) -> None:
    """Let the next purchase of the batch see this one."""
    if state.purchases_before is not None:
        state.purchases_before += 1
    state.history.append(
        HistoryPurchase(
            at=purchase.at,
            lines=purchase.lines,
            channel=purchase.channel,
            payment=purchase.payment,
            partner=purchase.partner,
            store=purchase.store,
            store_group=purchase.store_group,
            region=purchase.region,
            store_tz=purchase.store_tz,
            currency=purchase.currency,
            points=points,
        )
    )
