"""Earlier purchases as the rules read them: net of returns, what they come to, or themselves as far back as rules ask."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from members.activity import sums
from members.activity.lines import StoredLine, stored_lines
from members.activity.models import Evaluation
from members.activity.models import Event as EventRow
from members.activity.models import Purchase as PurchaseRow
from members.activity.state import MemberState
from programs.catalog import queries as catalog
from programs.promotions.snapshots import FrozenProgram
from programs.rules import Context, Event, HistoryEvent, HistoryPurchase, Line, Needs, Purchase, RuleSet
from programs.rules.dates import start_of
from programs.rules.history import Sums, base_of_sums, sums_of
from programs.rules.state import State


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody whose history is asked for, at the moment of a purchase or of something else.

    :param until: the purchases before it count; else those before ``at``.
    """

    member_id: int
    at: datetime
    until: datetime | None = None

    @property
    def moment(self) -> sums.Moment:
        """Of whom and when sums are asked for."""
        return sums.Moment(self.member_id, self.at, self.until or self.at)


def load(
    states: Mapping[int, MemberState], asking: Sequence[Asking], wants: Sequence[Needs], frozen: FrozenProgram
) -> None:
    """Find out what candidate rules ask of earlier purchases: what they come to, and the purchases where that is not enough.

    A few queries for the whole batch; none for purchases where no rule looks at them one by one.
    """
    asks = []
    for one, want in zip(asking, wants, strict=True):
        asks += [sums.Ask(one.moment, need) for need in want.sums]
        if want.purchase_count and states[one.member_id].purchases_before is None:
            asks.append(sums.Ask(_ever(one.member_id), None))
    found = sums.find(asks, frozen.zone)
    since: dict[int, date] = {}
    for one, want in zip(asking, wants, strict=True):
        state = states[one.member_id]
        for first in _firsts(one, want, found):
            if first < (state.loaded_from or date.max) or want.points:
                since[one.member_id] = min(first, since.get(one.member_id, first), state.loaded_from or first)
        ever = found.get(sums.Ask(_ever(one.member_id), None).key)
        if ever is not None and state.purchases_before is None:
            state.purchases_before = ever.purchases + len(state.recent)
        state.sums.update({key: found[key] for key in _keys(one, want) if key in found})
    if since:
        _load_purchases(states, since, frozen, with_points=any(want.points for want in wants))


def _ever(member_id: int) -> sums.Moment:
    return sums.Moment(member_id, sums.LONG_AGO, sums.LONG_AGO)


def _keys(one: Asking, want: Needs) -> list[sums.Key]:
    return [sums.key_of(one.moment, need) for need in want.sums]


def _firsts(one: Asking, want: Needs, found: Mapping[sums.Key, Sums]) -> Iterator[date]:
    """The days from which purchases themselves are needed."""
    if want.has_history:
        yield want.history_from if want.history_from and not want.last_purchase else date.min
    for need in want.sums:
        if sums.key_of(one.moment, need) not in found:
            yield need.first or date.min


def values(state: MemberState, one: Asking, want: Needs, ruleset: RuleSet) -> dict[str, Any]:
    """By spec: the values of the history that were found without the purchases, those of the batch so far among them."""
    if not want.sums:
        return {}
    recent = [purchase for purchase in state.recent if purchase.at < one.at]
    view = State(Context(event=Event(at=one.at), history=recent), ruleset.settings, ruleset.filters)
    found = {}
    for need in want.sums:
        known = state.sums.get(sums.key_of(one.moment, need))
        if known is not None:
            total = known.plus(sums_of(need.spec, view)) if recent else known
            found[need.spec.key] = base_of_sums(need.spec, total, view.today)
    return found


def _load_purchases(
    states: Mapping[int, MemberState], since: Mapping[int, date], frozen: FrozenProgram, *, with_points: bool
) -> None:
    for member_id, first in since.items():
        states[member_id].loaded, states[member_id].loaded_from = [], first
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
        states[member_id].loaded.append(
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
        rows = EventRow.objects.filter(member_id__in=list(member_ids), kind__code__in=kinds).order_by(
            "occurred_at", "pk"
        )
        for member_id, at, kind, attributes in rows.values_list("member_id", "occurred_at", "kind__code", "attributes"):
            found.setdefault(member_id, []).append(HistoryEvent(at=at, type=kind, attributes=attributes))
    return found


def before(state: MemberState, at: datetime) -> Sequence[HistoryPurchase]:
    """The member's purchases earlier than an instant, so far as they were read, and those of the batch."""
    return [one for one in (*state.loaded, *state.recent) if one.at < at]


def count_before(state: MemberState, at: datetime) -> int:
    """How many purchases the member made before this one, in the order of arrival."""
    assert state.purchases_before is not None, "asked for without being needed"
    return state.purchases_before


def add(state: MemberState, purchase: Purchase, points: Mapping[str, int]) -> None:
    """Let the next purchase of the batch see this one."""
    if state.purchases_before is not None:
        state.purchases_before += 1
    state.recent.append(
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
