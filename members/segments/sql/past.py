"""History of all members at once: one grouped table from receipts, one from lines, each read once for all conditions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from members.segments.sql.conditions import condition_sql
from members.segments.sql.days import ordered_day
from members.segments.sql.ground import Ground
from members.segments.sql.parameters import Parameters, both
from members.segments.sql.purchases import LineSight
from members.segments.sql.relation import Relation, needs_lines
from members.segments.sql.sight import within
from members.segments.sql.values import TextsValue
from programs.rules import dates
from programs.rules.history import scale_of, spec_key
from programs.rules.view import zone

MONTH_OF = "(extract(year FROM {day})::int * 12 + extract(month FROM {day})::int)"
# How many periods lie between a day and the current one.
PERIODS = {
    "day": "({today} - {day})",
    "week": "((date_trunc('week', {today}::timestamp)::date - date_trunc('week', {day}::timestamp)::date) / 7)",
    "month": f"({MONTH_OF.replace('{day}', '{today}')} - {MONTH_OF})",
    "quarter": "((extract(year FROM {today})::int * 4 + extract(quarter FROM {today})::int)"
    " - (extract(year FROM {day})::int * 4 + extract(quarter FROM {day})::int))",
    "year": "(extract(year FROM {today})::int - extract(year FROM {day})::int)",
}


# A sum that stays a whole number: PostgreSQL's own makes a numeric of it, which costs as much as all the rest of a group.
SUM = "loyalty_sum(({})::bigint)"
# No purchase lies further from today.
MOST_DAYS = 200_000


class Histories:
    """Collects what conditions ask of the history; ``joins`` then brings it to the members ``m``."""

    def __init__(self, ground: Ground, parameters: Parameters) -> None:
        self._ground, self._parameters = ground, parameters
        self.ctes: dict[str, str] = {}
        self._raw: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._relations: dict[bool, Relation] = {}
        self._columns: dict[bool, list[str]] = {}
        self._events: list[str] = []
        self._alone: list[str] = []

    def scale(self, document: Mapping[str, Any]) -> int:
        """What a value is divided by to be in the unit that a person writes."""
        settings = self._ground.settings
        point_type = document.get("point_type") or settings.default_point_type
        return scale_of(str(document["measure"]).partition(":")[0], point_type, settings)

    def raw(self, document: Mapping[str, Any]) -> str:
        """The value in smallest units or as a count; null when there is nothing to measure."""
        key = spec_key(document)
        if key not in self._raw:
            plain = {**document}
            if plain.get("where", {}).get("op") == "true":
                del plain["where"]
            self._raw[key] = self._value(plain, key)
        return self._raw[key]

    def last(self, document: Mapping[str, Any], cmp: str, days: int) -> str:
        """Whether the local day of the last purchase stands so to the day that lies ``days`` back."""
        self.raw(document)
        timezone = self._ground.settings.timezone
        day = self._ground.today - timedelta(days=max(-MOST_DAYS, min(days, MOST_DAYS)))
        return ordered_day(self._last[spec_key(document)], cmp, [day], timezone, self._parameters)

    def joins(self) -> list[str]:
        """The joins that bring all values."""
        found = []
        for with_lines, columns in self._columns.items():
            alias, source = self._alias(with_lines), self._relations[with_lines].sql()
            found.append(self._left_join(f"SELECT p.member_id, {', '.join(columns)} FROM {source}", alias))
        if self._events:
            found.append(
                self._left_join(f"SELECT e.member_id, {', '.join(self._events)} FROM {self._happened()}", "he")
            )
        return found + self._alone

    @staticmethod
    def _alias(with_lines: bool) -> str:
        return "hl" if with_lines else "hr"

    @staticmethod
    def _left_join(select: str, alias: str) -> str:
        return f"LEFT JOIN ({select} GROUP BY 1) {alias} ON {alias}.member_id = m.id"

    def _relation(self, *, with_lines: bool) -> Relation:
        return Relation(self._ground, self._parameters, self.ctes, with_lines=with_lines)

    def _value(self, document: Mapping[str, Any], key: str) -> str:
        measure = str(document["measure"])
        if measure == "events":
            return self._event_count(document)
        if measure.startswith("distinct:"):
            return self._distinct(document, measure.partition(":")[2])
        if measure == "streak":
            return self._streak(document)
        with_lines = needs_lines(document)
        relation = self._relations.setdefault(with_lines, self._relation(with_lines=with_lines))
        columns = self._columns.setdefault(with_lines, [])
        name, alias = f"c{len(columns)}", self._alias(with_lines)
        taken = f"FILTER (WHERE {self._taken(document, relation)})"
        found = self._aggregate(document, relation).format(taken=taken)
        columns.append(f"{found} AS {name}")
        if measure == "days_since_last":
            self._last[key] = f"{alias}.{name}"
            zone_name = self._parameters.add(self._ground.settings.timezone, "text")
            last = f"({alias}.{name} AT TIME ZONE {zone_name})::date"
            return f"({self._parameters.add(self._ground.today, 'date')} - {last})"
        return f"coalesce({alias}.{name}, 0)"

    def _aggregate(self, document: Mapping[str, Any], relation: Relation) -> str:
        measure, where = document["measure"], document.get("where")
        number = None if where is None else relation.filtered(where)
        if measure in ("amount", "units"):
            column = f"p.kept_{measure}" if number is None else f"p.{measure[0]}{number}"
            return f"{SUM.format(column)} {{taken}}"
        if measure == "points":
            return f"{SUM.format(self._points(document, relation))} {{taken}}"
        return {"purchases": "count(*)", "days": "count(DISTINCT p.day)", "days_since_last": "max(p.occurred_at)"}[
            measure
        ] + " {taken}"

    def _taken(self, document: Mapping[str, Any], relation: Relation, *, is_windowed: bool = True) -> str:
        """Whether a purchase ``p`` counts: its window, its filter, and a line that passes the filter of lines."""
        first = dates.history_window(document.get("window") if is_windowed else None, self._ground.today)[0]
        relation.reads_from(first)
        parts = [self._in_window(document.get("window") if is_windowed else None, "p.occurred_at")]
        if document.get("txn_where") is not None:
            parts.append(condition_sql(document["txn_where"], relation.purchase, None))
        if document.get("where") is not None:
            parts.append(f"(p.n{relation.filtered(document['where'])} > 0)")
        return both(*parts)

    def _in_window(self, window: Mapping[str, Any] | None, at: str) -> str:
        """Local days from the first to the last, as instants: reckoning the day of every purchase costs more."""
        first, last = dates.history_window(window, self._ground.today)
        local = zone(self._ground.settings.timezone)
        parts = []
        if last < self._ground.today:
            parts.append(f"({at} < {self._parameters.add(dates.start_of(last + dates.DAY, local), 'timestamptz')})")
        if first is not None:
            parts.append(f"({at} >= {self._parameters.add(dates.start_of(first, local), 'timestamptz')})")
        if window and "last_hours" in window:
            since = self._ground.at - timedelta(hours=int(window["last_hours"]))
            parts.append(f"({at} >= {self._parameters.add(since, 'timestamptz')})")
        return both(*parts)

    def _points(self, document: Mapping[str, Any], relation: Relation) -> str:
        """Points of a type that the purchase gave, less what returns of it took back."""
        code = document.get("point_type") or self._ground.settings.default_point_type
        key = self._ground.point_types.get(code)
        if key is None:
            return "0"
        place, alias = self._parameters.add(code, "text"), f"q{key}"
        back = (
            f"SELECT coalesce(sum((r ->> 3)::bigint), 0) FROM jsonb_array_elements(e.outcome -> 'reversed') r "
            f"WHERE r ->> 2 = {place}"
        )
        gained = f"coalesce((e.outcome -> 'points' ->> {place})::bigint, 0)"
        relation.purchase.join(
            alias,
            f"LEFT JOIN (SELECT e.purchase_id, sum(CASE e.kind WHEN 'purchase' THEN {gained} ELSE -({back}) END)::bigint "
            f"AS points FROM members_evaluation e WHERE e.program_id = {relation.purchase.program} "
            f"AND e.kind IN ('purchase', 'return') GROUP BY 1) {alias} ON {alias}.purchase_id = p.id",
        )
        return f"coalesce({alias}.points, 0)"

    def _event_count(self, document: Mapping[str, Any]) -> str:
        key = self._ground.event_kinds.get(document["event"])
        if key is None:
            return "0"
        kind = f"(e.kind_id = {self._parameters.add(key, 'bigint')})"
        window = self._in_window(document.get("window"), "e.occurred_at")
        self._events.append(f"count(*) FILTER (WHERE {both(kind, window)}) AS c{len(self._events)}")
        return f"coalesce(he.c{len(self._events) - 1}, 0)"

    def _happened(self) -> str:
        program = self._parameters.add(self._ground.program_id, "bigint")
        at = self._parameters.add(self._ground.at, "timestamptz")
        return f"members_event e WHERE e.program_id = {program} AND e.occurred_at < {at}" + within(
            "e.member_id", self._ground, self._parameters
        )

    def _streak(self, document: Mapping[str, Any]) -> str:
        """Periods in a row up to the one before the current, and the current one when it has a purchase."""
        relation = self._relation(with_lines=needs_lines(document))
        period = str((document.get("window") or {}).get("this", "week"))
        today = self._parameters.add(self._ground.today, "date")
        back = PERIODS[period].format(today=today, day="p.day")
        taken = self._taken(document, relation, is_windowed=False)
        # Without gaps the n-th period found lies n periods back.
        alias = f"s{len(self._alone)}"
        self._alone.append(
            self._left_join(
                f"SELECT n.member_id, count(*) FILTER (WHERE n.back = 0 OR n.back = n.place) AS c0 FROM ("
                f"SELECT k.member_id, k.back, row_number() OVER (PARTITION BY k.member_id, k.back > 0 ORDER BY k.back) "
                f"AS place FROM (SELECT DISTINCT p.member_id, {back} AS back FROM {relation.sql()} WHERE {taken}) k) n",
                alias,
            )
        )
        return f"coalesce({alias}.c0, 0)"

    def _distinct(self, document: Mapping[str, Any], name: str) -> str:
        """How many different values an attribute of lines has over all of them."""
        relation = self._relation(with_lines=True)
        first = dates.history_window(document.get("window"), self._ground.today)[0]
        relation.reads_from(first)
        sight: LineSight = relation.line
        parts = [self._in_window(document.get("window"), "p.occurred_at")]
        for filter_name in ("txn_where", "where"):
            if document.get(filter_name) is not None:
                parts.append(condition_sql(document[filter_name], sight, None))
        value = sight.line(name)
        counted, more = value.sql, ""
        if isinstance(value, TextsValue):
            counted, more = "v.one", f"CROSS JOIN LATERAL unnest({value.sql}) v(one)"
        alias = f"s{len(self._alone)}"
        source = relation.lines_sql(more)
        self._alone.append(
            self._left_join(
                f"SELECT p.member_id, count(DISTINCT {counted}) AS c0 FROM {source} AND {both(*parts)}", alias
            )
        )
        return f"coalesce({alias}.c0, 0)"
