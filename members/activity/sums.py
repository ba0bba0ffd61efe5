"""What earlier purchases of members come to, as the database adds it up: day by day, or over the lines of certain goods.

Nothing here reads purchase by purchase, so an answer costs the same after ten purchases and after ten thousand: of a whole
day there is one row, of the goods that a filter names there is an index. The day of the moment itself is read exactly.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from loyalty.kernel import arrays, scope
from programs.catalog.models import category_path
from programs.rules.dates import DAY, history_window, local, start_of
from programs.rules.history import OF_DAYS, Sums
from programs.rules.needs import SumNeed

# Before any purchase; of the first years of the calendar no zone has an instant.
BEGINNING, LONG_AGO = date(1900, 1, 1), datetime(1900, 1, 1, tzinfo=UTC)
# Looking for so many articles one after another costs as much as the purchases of a member who buys often.
MOST_ARTICLES = 1000
_KEPT = "(l.quantity - l.returned_quantity)"
# Whole pieces are separate units; any other line is one unit (C16).
UNITS = f"(CASE WHEN l.unit = 'piece' AND {_KEPT} > 1 AND {_KEPT} = trunc({_KEPT}) THEN {_KEPT}::bigint ELSE 1 END)"

# Lists are cut where they end: a plan that does not know their lengths then reckons with short ones and is good enough to be
# kept, where otherwise each statement would be planned anew, which takes longer than what it does.
# Purchases of whole days, and those of the span after them one by one.
_OF_DAYS = f"""
    SELECT a.number, d.purchases + e.purchases, d.amount + e.amount, d.units + e.units, greatest(d.last, e.last),
           array_cat(d.days, e.days)
    FROM (
      SELECT * FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::timestamptz[], %s::timestamptz[], %s::boolean[],
        %s::boolean[]) WITH ORDINALITY AS a(member_id, first, last, since, until, with_units, with_days, number) LIMIT %s
    ) a
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(d.purchases), 0)::bigint AS purchases, coalesce(sum(d.amount), 0)::bigint AS amount,
             coalesce(sum(d.units), 0)::bigint AS units, max(d.day) FILTER (WHERE d.purchases > 0) AS last,
             array_agg(d.day) FILTER (WHERE a.with_days AND d.purchases > 0) AS days
      FROM members_bought_day d WHERE d.member_id = a.member_id AND d.day >= a.first AND d.day <= a.last
    ) d
    CROSS JOIN LATERAL (
      SELECT count(*) AS purchases, coalesce(sum(p.amount - p.returned_amount), 0)::bigint AS amount,
             coalesce(sum(CASE WHEN a.with_units THEN (
               SELECT sum({UNITS}) FROM members_purchase_line l
               WHERE l.purchase_id = p.id AND l.returned_quantity < l.quantity
             ) END), 0)::bigint AS units,
             max(p.occurred_date) AS last, array_agg(DISTINCT p.occurred_date) FILTER (WHERE a.with_days) AS days
      FROM members_purchase p
      WHERE p.member_id = a.member_id AND p.occurred_at >= a.since AND p.occurred_at < a.until AND NOT p.is_returned
    ) e
"""
_OF_ARTICLES = f"""
    SELECT a.number, s.purchases, s.amount, s.units, s.last, s.moments, cardinality(f.skus)
    FROM (SELECT ARRAY({{articles}} LIMIT {MOST_ARTICLES + 1}) AS skus) f
    CROSS JOIN (
      SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::boolean[])
        WITH ORDINALITY AS a(member_id, since, until, with_days, number) LIMIT %s
    ) a
    CROSS JOIN LATERAL (
      SELECT count(DISTINCT l.purchase_id) AS purchases, coalesce(sum(l.amount - l.returned_amount), 0)::bigint AS amount,
             coalesce(sum({UNITS}), 0)::bigint AS units, max(l.occurred_at) AS last,
             array_agg(l.occurred_at) FILTER (WHERE a.with_days) AS moments
      FROM members_purchase_line l
      WHERE cardinality(f.skus) <= {MOST_ARTICLES} AND l.member_id = a.member_id AND l.sku = ANY(f.skus)
        AND l.occurred_at >= a.since AND l.occurred_at < a.until AND l.returned_quantity < l.quantity
    ) s
"""
# Products as rules know them: the program's own wins over a shared one of the same SKU, a category has all its parents.
_KNOWN = """
    SELECT p.sku FROM programs_product p {chosen} AND (
      p.program_id = %s OR p.program_id IS NULL AND NOT EXISTS (
        SELECT FROM programs_product o WHERE o.sku = p.sku AND o.program_id = %s
      )
    )
"""
_CHOSEN = {
    "product": "WHERE p.sku = ANY(%s::text[])",
    "brand": "WHERE p.brand = ANY(%s::text[]) AND p.brand <> ''",
    "categories": """
      JOIN programs_category c ON c.id = p.category_id
      JOIN (SELECT k FROM unnest(%s::text[]) k LIMIT %s) k(k) ON c.code = k.k OR starts_with(c.code, k.k || '.') WHERE true
    """,
}


class Moment(NamedTuple):
    """Of whom it is asked, and when: windows are reckoned from ``at``, purchases before ``until`` count."""

    member_id: int
    at: datetime
    until: datetime


class Key(NamedTuple):
    """What one sum is known by: a spec, how far back it reads, for a moment."""

    moment: Moment
    spec: str
    first: date | None


@dataclass(frozen=True, slots=True)
class Ask:
    """One sum to find; without a need it is that of all purchases of the member, whenever they were."""

    moment: Moment
    need: SumNeed | None

    @property
    def key(self) -> Key:
        """What the answer is known by."""
        return Key(self.moment, "", None) if self.need is None else key_of(self.moment, self.need)


def key_of(moment: Moment, need: SumNeed) -> Key:
    """What the sum of a need for a moment is known by."""
    return Key(moment, need.spec.key, need.first)


class _Days(NamedTuple):
    """Whole local days, both included, and the span that is read purchase by purchase."""

    first: date
    last: date
    since: datetime
    until: datetime


def find(asks: Iterable[Ask], zone: ZoneInfo) -> dict[Key, Sums]:
    """The sums that are asked for, by their keys.

    A filter that names more than ``MOST_ARTICLES`` articles has no answer: its purchases have to be looked at.
    """
    wanted = {one.key: one for one in asks}
    of_days = [one for one in wanted.values() if one.need is None or one.need.spec.field is None]
    found = _sum_days(of_days, zone)
    filters: dict[tuple[str, frozenset[Any]], list[Ask]] = {}
    for one in wanted.values():
        if one.need is not None and one.need.spec.field is not None:
            filters.setdefault((one.need.spec.field, one.need.spec.keys), []).append(one)
    for (field, keys), alike in filters.items():
        found |= _sum_articles(field, keys, alike, zone)
    return found


def _sum_days(asks: Sequence[Ask], zone: ZoneInfo) -> dict[Key, Sums]:
    if not asks:
        return {}
    days = [_days_of(one, zone) for one in asks]
    measures = ["" if one.need is None else one.need.spec.measure for one in asks]
    rows = _rows(
        _OF_DAYS,
        [
            arrays.column("bigint", [one.moment.member_id for one in asks]),
            arrays.column("date", [one.first for one in days]),
            arrays.column("date", [one.last for one in days]),
            arrays.column("timestamp with time zone", [one.since for one in days]),
            arrays.column("timestamp with time zone", [one.until for one in days]),
            arrays.column("boolean", [measure == "units" for measure in measures]),
            arrays.column("boolean", [measure in OF_DAYS for measure in measures]),
            len(asks),
        ],
    )
    return {
        asks[number - 1].key: Sums(amount, units, purchases, frozenset(bought or ()), last)
        for number, purchases, amount, units, last, bought in rows
    }


def _days_of(ask: Ask, zone: ZoneInfo) -> _Days:
    """What to read for an ask: whole days up to the one of the moment, and that one up to the moment."""
    if ask.need is None:
        return _Days(BEGINNING, date.max, LONG_AGO, LONG_AGO)
    moment, window = ask.moment, _window(ask.need)
    first, last = _first_and_last(ask.need, moment, zone)
    if window and "last_hours" in window:
        return _Days(BEGINNING, BEGINNING - DAY, _since(ask.need, moment, zone), moment.until)
    present = local(moment.until, zone).date()
    if last < present:
        return _Days(first, last, LONG_AGO, LONG_AGO)
    return _Days(first, present - DAY, start_of(max(first, present), zone), moment.until)


def _window(need: SumNeed) -> Mapping[str, Any] | None:
    return None if need.spec.measure == "streak" else need.spec.window


def _first_and_last(need: SumNeed, moment: Moment, zone: ZoneInfo) -> tuple[date, date]:
    first = BEGINNING if need.first is None else max(need.first, BEGINNING)
    return first, history_window(_window(need), local(moment.at, zone).date())[1]


def _since(need: SumNeed, moment: Moment, zone: ZoneInfo) -> datetime:
    """The instant from which purchases count."""
    first, _last = _first_and_last(need, moment, zone)
    since = LONG_AGO if first == BEGINNING else start_of(first, zone)
    window = _window(need)
    if window and "last_hours" in window:
        since = max(since, moment.at - timedelta(hours=int(window["last_hours"])))
    return since


def _sum_articles(field: str, keys: frozenset[Any], asks: Sequence[Ask], zone: ZoneInfo) -> dict[Key, Sums]:
    needs = [one.need for one in asks if one.need is not None]
    untils = []
    for one, need in zip(asks, needs, strict=True):
        _first, last = _first_and_last(need, one.moment, zone)
        untils.append(min(one.moment.until, start_of(last + DAY, zone)))
    articles, parameters = _articles(field, [key for key in keys if isinstance(key, str)])
    rows = _rows(
        _OF_ARTICLES.format(articles=articles),
        [
            *parameters,
            arrays.column("bigint", [one.moment.member_id for one in asks]),
            arrays.column(
                "timestamp with time zone",
                [_since(need, one.moment, zone) for one, need in zip(asks, needs, strict=True)],
            ),
            arrays.column("timestamp with time zone", untils),
            arrays.column("boolean", [need.spec.measure in OF_DAYS for need in needs]),
            len(asks),
        ],
    )
    return {
        asks[number - 1].key: Sums(
            amount,
            units,
            purchases,
            frozenset(local(moment, zone).date() for moment in moments or ()),
            None if last is None else local(last, zone).date(),
        )
        for number, purchases, amount, units, last, moments, articles_found in rows
        if articles_found <= MOST_ARTICLES
    }


def _articles(field: str, keys: Collection[str]) -> tuple[str, list[Any]]:
    """The question for the articles that a filter takes, each once, and its parameters."""
    if field == "sku":
        return "SELECT k FROM unnest(%s::text[]) k", [list(keys)]
    program = scope.program_id()
    parameters: list[Any] = [list(keys), program, program]
    if field == "categories":
        highest = [key for key in keys if not any(parent in keys for parent in category_path(key)[:-1])]
        parameters = [highest, len(highest), program, program]
    return _KNOWN.format(chosen=_CHOSEN[field]), parameters


def _rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
