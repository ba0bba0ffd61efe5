"""Earlier purchases that count, one row each by the alias ``p``: from the receipts alone, or from their kept lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from members.segments.sql.conditions import condition_sql
from members.segments.sql.ground import Ground
from members.segments.sql.parameters import Parameters
from members.segments.sql.purchases import NEED_LINES, PAID, TOTALS, UNITS, LineSight, PurchaseSight, products
from programs.rules import dates
from programs.rules.history import canonical
from programs.rules.view import zone

OWN = "p.id, p.member_id, p.occurred_at, p.channel, p.payment, p.currency, p.location_id"
KEPT_LINE = "l.purchase_id = p.id AND l.returned_quantity < l.quantity"


def needs_lines(document: Mapping[str, Any]) -> bool:
    """Whether a history can only be told from the lines of the purchases."""
    measure = document["measure"]
    if "where" in document or measure == "units" or measure.startswith("distinct:"):
        return True
    return any(f'"txn.{name}"' in canonical(document.get("txn_where") or {}) for name in NEED_LINES)


class Relation:
    """A set of purchases before the moment; filters of lines become columns of it.

    :param ctes: what the whole statement needs once, by name.
    """

    def __init__(self, ground: Ground, parameters: Parameters, ctes: dict[str, str], *, with_lines: bool) -> None:
        self._ground, self._parameters, self._ctes = ground, parameters, ctes
        self._with_lines = with_lines
        self._filters: dict[str, int] = {}
        self._columns: list[str] = []
        self._starts: list[date | None] = []
        self.purchase = PurchaseSight(ground, parameters, "p")
        self.line = LineSight(ground, parameters, "t")

    def reads_from(self, first: date | None) -> None:
        """Note the earliest local day that somebody reads; None for all of them."""
        self._starts.append(first)

    def filtered(self, where: Mapping[str, Any]) -> int:
        """The number of a filter of lines: ``p.n<number>`` lines, ``p.a<number>`` paid, ``p.u<number>`` units."""
        assert self._with_lines, "a filter of lines needs the lines"
        key = canonical(where)
        if key not in self._filters:
            number = self._filters[key] = len(self._filters)
            taken = f"FILTER (WHERE {condition_sql(where, self.line, None)})"
            self._columns += [
                f"count(*) {taken} AS n{number}",
                f"sum({PAID}) {taken} AS a{number}",
                f"sum({UNITS}) {taken} AS u{number}",
            ]
        return self._filters[key]

    def sql(self) -> str:
        """The relation with the tables that filters of purchases read."""
        inner = self._from_lines() if self._with_lines else self._from_receipts()
        return f"({inner}) p {' '.join(self.purchase.joins.values())}"

    def lines_sql(self, more: str) -> str:
        """Purchases ``p`` with their kept lines ``l`` and one more join: for what is counted over lines of several."""
        return f"{self._tables()} {more} WHERE {self._before()}"

    def _day(self) -> str:
        zone_name = self._parameters.add(self._ground.settings.timezone, "text")
        return f"(p.occurred_at AT TIME ZONE {zone_name})::date AS day"

    def _before(self) -> str:
        parts = [
            f"p.program_id = {self.line.program}",
            f"p.occurred_at < {self._parameters.add(self._ground.at, 'timestamptz')}",
        ]
        if self._starts and None not in self._starts:
            # Local days decide; a day more keeps every clock change inside.
            first = min(start for start in self._starts if start is not None) - timedelta(days=1)
            instant = dates.start_of(first, zone(self._ground.settings.timezone))
            parts.append(f"p.occurred_at >= {self._parameters.add(instant, 'timestamptz')}")
        return " AND ".join(parts) + self.purchase.within("p.member_id")

    def _from_receipts(self) -> str:
        return (
            f"SELECT {OWN}, p.amount - p.returned_amount AS kept_amount, "
            f"p.amount - p.returned_amount AS kept_amount_without_points, {self._day()} "
            f"FROM members_purchase p WHERE {self._before()} AND NOT p.is_returned"
        )

    def _from_lines(self) -> str:
        totals = ", ".join(f"sum({sql}) AS kept_{name}" for name, sql in TOTALS.items())
        columns = ", ".join([f"{totals}, count(*) AS kept_lines", *self._columns])
        text = f"SELECT {OWN}, {self._day()}, {columns} FROM {self._tables()}"
        return f"{text} WHERE {self._before()} GROUP BY p.id"

    def _tables(self) -> str:
        self._ctes["products"] = products(self.line.program)
        tables = (
            f"members_purchase p JOIN members_purchase_line l ON {KEPT_LINE} AND l.program_id = {self.line.program} "
            "LEFT JOIN products pr ON pr.sku = l.sku "
        )
        if self.line.reads_totals:
            sums = ", ".join(f"sum({sql}) AS kept_{name}" for name, sql in TOTALS.items())
            tables += (
                f"CROSS JOIN LATERAL (SELECT {sums}, count(*) AS kept_lines FROM members_purchase_line l "
                f"LEFT JOIN products pr ON pr.sku = l.sku WHERE {KEPT_LINE}) t "
            )
        return tables + " ".join(self.line.joins.values())
