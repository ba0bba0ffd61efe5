"""Recorded purchases as the rules would read them again: what was kept of them, in the order of time. Reads only.

Members are as they were at each purchase as far as that is recorded: their tiers and segments are; their attributes are
those of now.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import Count

from loyalty.kernel import registries, replica, scope
from members.activity import history
from members.activity.models import Purchase as PurchaseRow
from members.activity.state import MemberState, TierSpan
from members.profiles.models import AccountMember, Member, MemberTier, PersonalData
from programs.catalog import queries as catalog
from programs.catalog.models import Location
from programs.promotions.snapshots import FrozenProgram
from programs.rules import Context, HistoryEvent, HistoryPurchase, Line, Purchase, RuleSet
from programs.rules.context import ONE
from programs.rules.dates import local, parse_date, start_of

_AT, _DAY = attrgetter("at"), attrgetter("day")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One purchase with what was kept of it; ``day`` is its day in program time, ``amount`` what was paid, minor units."""

    id: int
    member_id: int
    day: date
    at: datetime
    purchase: Purchase
    partner_id: int | None
    amount: int


@dataclass(slots=True)
class Past:
    """A member and their purchases in the order of time; ``earlier`` counts those before the first of them."""

    state: MemberState
    purchases: list[Recorded] = field(default_factory=list)
    events: Sequence[HistoryEvent] = ()
    earlier: int = 0
    history: list[HistoryPurchase] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """What is known of products and places; kept by whoever loads part after part, so that each is read once."""

    products: dict[str, catalog.ProductFacts | None] = field(default_factory=dict)
    places: dict[int, catalog.LocationFacts] = field(default_factory=dict)

    def learn(self, skus: Collection[str], location_ids: Collection[int]) -> None:
        """Read what is not known yet; an unknown SKU is remembered as such."""
        unknown = set(skus) - self.products.keys()
        if unknown:
            self.products |= dict.fromkeys(unknown)
            self.products |= catalog.products(unknown)
        missing = set(location_ids) - self.places.keys()
        if missing:
            codes = dict(Location.objects.filter(pk__in=missing).values_list("pk", "code"))
            facts = catalog.locations(codes.values())
            self.places |= {key: facts[code] for key, code in codes.items()}


@dataclass(frozen=True, slots=True)
class Depth:
    """What rules read of the past: ``days`` back, nothing means all of it; zero means none."""

    days: int | None = 0
    counts: bool = False
    events: frozenset[str] = frozenset()


_PERIOD_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


def depth_of(rulesets: Iterable[RuleSet], on: date) -> Depth:
    """How far back all rules of rule sets look together, judged on any day up to ``on``."""
    depths: list[int | None] = []
    counts = False
    events: set[str] = set()
    for rule in (rule for ruleset in rulesets for rule in ruleset.rules):
        counts |= rule.reads.purchase_count
        for spec in rule.reads.history.values():
            if spec.measure == "events":
                events.add(spec.event or "")
            elif spec.measure == "streak":
                first = spec.first_date(on, rule.reads.streak_limits.get(spec.key))
                depths.append(None if first is None else (on - first).days + _PERIOD_DAYS["year"])
            else:
                depths.append(_window_days(spec.window, on))
    days = None if None in depths else max((one for one in depths if one is not None), default=0)
    return Depth(days, counts, frozenset(events))


def _window_days(window: Mapping[str, Any] | None, on: date) -> int | None:
    """The most days that a window of history reaches back; nothing means all time."""
    if not window:
        return None
    if "last_days" in window:
        return int(window["last_days"])
    if "last_months" in window:
        return int(window["last_months"]) * _PERIOD_DAYS["month"] + 1
    if "last_hours" in window:
        return int(window["last_hours"]) // 24 + 2
    if "this" in window:
        return _PERIOD_DAYS[window["this"]]
    if "previous" in window:
        return 2 * _PERIOD_DAYS[window["previous"]]
    return max(0, (on - parse_date(window["since"])).days) + 1


def load(
    member_ids: Collection[int], frozen: FrozenProgram, *, since: datetime, depth: Depth, facts: Facts | None = None
) -> dict[int, Past]:
    """Members of the program in scope with what they bought from ``since`` on, and before it as far as rules look."""
    pasts = {key: Past(state) for key, state in _states(member_ids, frozen).items()}
    first: datetime | None = since
    if depth.days is None:
        first = None
    elif depth.days:
        first = start_of(local(since, frozen.zone).date() - timedelta(days=depth.days), frozen.zone)
    _read_purchases(pasts, first, frozen, facts or Facts(), is_history_needed=depth.days != 0)
    if depth.counts and first is not None:
        rows = PurchaseRow.objects.filter(member_id__any=list(pasts), occurred_at__lt=first, is_returned=False)
        for member_id, count in rows.values_list("member_id").annotate(count=Count("pk")):
            pasts[member_id].earlier = count
    for member_id, events in history.events_of(pasts, depth.events).items():
        pasts[member_id].events = events
    return pasts


def _states(member_ids: Collection[int], frozen: FrozenProgram) -> dict[int, MemberState]:
    wanted = list(member_ids)
    accounts = dict(
        AccountMember.objects.filter(member_id__any=wanted, is_primary=True).values_list("member_id", "account_id")
    )
    birthdays = dict(PersonalData.objects.filter(member_id__any=wanted).values_list("member_id", "birthday"))
    rows = Member.objects.filter(pk__any=wanted).values_list("pk", "attributes", "enrolled_at")
    found = {
        key: MemberState(
            member_id=key, account_id=accounts[key], is_active=True, birthday=birthdays.get(key), attributes=attributes,
            wallets={}, enrolled_at=enrolled_at,
        )
        for key, attributes, enrolled_at in rows
    }  # fmt: skip
    for key, spans in registries.segments_of(found).items():
        found[key].segments = spans
    if frozen.schemes:
        held = MemberTier.objects.filter(member_id__any=list(found)).order_by("member_id", "since_at")
        for member_id, *span in held.values_list("member_id", "scheme_id", "tier_id", "since_at", "ended_at"):
            found[member_id].tiers.append(TierSpan(*span))
    return found


_PURCHASES = """
SELECT p.id, p.member_id, p.occurred_at, p.location_id, p.channel, p.payment, p.currency,
       p.paid_with_points, l.number, l.line_id, l.sku, l.quantity, l.unit, l.amount, l.list_amount,
       l.returned_quantity, l.returned_amount
FROM members_purchase p,
LATERAL (
  SELECT array_agg(number) AS number, array_agg(line_id) AS line_id, array_agg(sku) AS sku,
         array_agg(quantity::text) AS quantity, array_agg(unit) AS unit, array_agg(amount) AS amount,
         array_agg(list_amount) AS list_amount, array_agg(returned_quantity::text) AS returned_quantity,
         array_agg(returned_amount) AS returned_amount
  FROM (
    SELECT * FROM members_purchase_line WHERE program_id = %(program)s AND purchase_id = p.id ORDER BY number
  ) one
) l
WHERE p.program_id = %(program)s AND p.member_id = ANY(%(members)s)
  AND (%(first)s::timestamptz IS NULL OR p.occurred_at >= %(first)s)
  AND NOT p.is_returned
ORDER BY p.occurred_at, p.id
"""


def _read_purchases(
    pasts: Mapping[int, Past], first: datetime | None, frozen: FrozenProgram, facts: Facts, *, is_history_needed: bool
) -> None:
    # Lines come as arrays of their purchase: a tenth of the rows, and no model for any of them.
    with replica.connection().cursor() as cursor:
        cursor.execute(_PURCHASES, {"program": scope.program_id(), "members": list(pasts), "first": first})
        rows = cursor.fetchall()
    facts.learn({sku for row in rows for sku in row[10] or ()}, {row[3] for row in rows if row[3]})
    for row in rows:
        _add(pasts[row[1]], row, frozen, facts, is_history_needed=is_history_needed)


def _add(
    past: Past,
    row: Sequence[object],
    frozen: FrozenProgram,
    facts: Facts,
    *,
    is_history_needed: bool,
) -> None:
    key, member_id, at, location_id, channel, payment, currency, paid_with_points = row[:8]
    lines, points_left, amount = _lines(row[8:], facts.products, paid_with_points)  # type: ignore[arg-type]
    place = facts.places.get(location_id) if location_id else None  # type: ignore[call-overload]
    common = {
        "at": at, "lines": lines, "channel": channel, "payment": payment or None, "currency": currency,
        "partner": place.partner if place else None, "store": place.code if place else None,
        "store_group": place.group if place else None, "region": place.region if place else None,
        "store_tz": place.timezone if place else None,
    }  # fmt: skip
    purchase = Purchase(**common, paid_with_points=points_left)  # type: ignore[arg-type]
    day = local(at, frozen.zone).date()  # type: ignore[arg-type]
    past.purchases.append(
        Recorded(key, member_id, day, at, purchase, place.partner_id if place else None, amount)  # type: ignore[arg-type]
    )
    if is_history_needed:
        past.history.append(HistoryPurchase(**common))  # type: ignore[arg-type]


_ZERO = "0.000"
_quantities: dict[str, Decimal] = {}


def _quantity(text: str) -> Decimal:
    """Quantities repeat by the hundred thousand: each text is read once."""
    found = _quantities.get(text)
    if found is None:
        if len(_quantities) > 10_000:
            _quantities.clear()
        found = _quantities[text] = Decimal(text)
    return found


def _lines(
    columns: Sequence[Sequence[object] | None],
    products: Mapping[str, catalog.ProductFacts | None],
    paid_with_points: int,
) -> tuple[tuple[Line, ...], int, int]:
    """The lines net of returns, and what of the points that paid for them is left, and what was paid."""
    if columns[0] is None:
        return (), 0, 0
    kept: list[Line] = []
    paid, paid_kept = 0, 0
    get = products.get
    for number, line_id, sku, quantity, unit, amount, listed, back, back_amount in zip(*columns, strict=True):  # type: ignore[arg-type]
        qty = ONE if quantity == "1.000" else _quantity(quantity)  # type: ignore[arg-type]
        paid += amount  # type: ignore[operator]
        if back != _ZERO:
            left = qty - Decimal(back)  # type: ignore[arg-type]
            if left <= 0:
                continue
            listed, amount, qty = int(listed * (left / qty)), amount - back_amount, left  # type: ignore[operator]
        paid_kept += amount  # type: ignore[operator]
        known = get(sku)  # type: ignore[arg-type]
        if known is None:
            kept.append(Line(line_id, number, sku, None, (), None, qty, unit, amount, listed))  # type: ignore[arg-type]
        else:
            kept.append(
                Line(
                    line_id, number, sku, sku, known.categories, known.brand, qty, unit, amount, listed, known.tax_rate
                )  # type: ignore[arg-type]
            )
    points = paid_with_points * paid_kept // paid if paid and paid_with_points else 0
    return tuple(kept), points, paid_kept


def context_of(
    past: Past, one: Recorded, place: int, frozen: FrozenProgram, used: Mapping[str, int], depth: Depth
) -> Context:
    """What the rules read about a purchase that has ``place`` purchases of the past before it.

    :param used: what is used of limits, by counter.
    """
    return Context(
        member=past.state.view(frozen, one.at),
        purchase=one.purchase,
        history=_before(past, one, depth),
        events=past.events,
        used_limits=used,
        purchases_before=past.earlier + place if depth.counts else None,
    )


def _before(past: Past, one: Recorded, depth: Depth) -> Sequence[HistoryPurchase]:
    if not past.history:
        return ()
    end = bisect_left(past.history, one.at, key=_AT)
    if depth.days is None:
        return past.history[:end]
    begin = bisect_left(past.purchases, one.day - timedelta(days=depth.days), key=_DAY)
    return past.history[begin:end]
