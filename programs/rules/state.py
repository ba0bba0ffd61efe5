"""The state of one pass of one evaluation: the lines as they stand, and everything computed from them once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from programs.rules import dates, money
from programs.rules.context import Context, HistoryPurchase, Line, ProgramSettings, Purchase
from programs.rules.history import HistorySpec, base_value
from programs.rules.view import Truth, zone


class BaseBook:
    """Base points granted so far: totals by type, and by type what stands on each line (C05, C07)."""

    __slots__ = ("lines", "totals")

    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        self.lines: dict[str, list[int]] = {}

    def add(self, point_type: str, amount: int, parts: Sequence[tuple[int, int]], line_count: int) -> None:
        self.totals[point_type] = self.totals.get(point_type, 0) + amount
        row = self.lines.setdefault(point_type, [0] * line_count)
        for position, part in parts:
            row[position] += part

    def copy(self) -> BaseBook:
        book = BaseBook()
        book.totals = dict(self.totals)
        book.lines = {point_type: list(row) for point_type, row in self.lines.items()}
        return book


class State:
    """Implements ``View`` for the purchase (or event) under evaluation."""

    __slots__ = (
        "_bases",
        "_dated",
        "_masks",
        "_predicates",
        "_shop_time",
        "_today",
        "_units",
        "at",
        "context",
        "lines",
        "memo",
        "purchase",
        "settings",
    )

    def __init__(self, context: Context, settings: ProgramSettings, predicates: Sequence[Truth]) -> None:
        purchase = context.purchase
        self.context = context
        self.settings = settings
        self.purchase: Purchase | HistoryPurchase | None = purchase
        self.lines: tuple[Line, ...] = () if purchase is None else _with_points_share(purchase)
        self.at = context.at
        self.memo: dict[str, Any] = {}
        self._predicates = predicates
        self._masks: dict[int, tuple[int, ...]] = {}
        self._shop_time: datetime | None = None
        self._today: date | None = None
        self._dated: list[tuple[date, HistoryPurchase]] | None = None
        self._bases: dict[str, Any] = {}
        self._units: dict[int, list[money.Unit]] = {}

    def lowered(self, discounts: Mapping[int, int]) -> State:
        """The state that points rules see: paid amounts lowered by the discounts just granted (C23)."""
        lines = tuple(
            replace(line, paid=line.paid - discounts[position]) if discounts.get(position) else line
            for position, line in enumerate(self.lines)
        )
        state = State.__new__(State)
        state.context, state.settings, state.purchase = self.context, self.settings, self.purchase
        state.lines, state.at, state._predicates = lines, self.at, self._predicates
        state._masks, state._units, state.memo = {}, {}, {}
        state._shop_time, state._today, state._dated, state._bases = (
            self._shop_time,
            self._today,
            self._dated,
            self._bases,
        )
        return state

    @property
    def program_zone(self) -> Any:
        return zone(self.settings.timezone)

    @property
    def today(self) -> date:
        """The local date in program time: history, streaks and periods of limits count in it."""
        if self._today is None:
            self._today = dates.local(self.at, self.program_zone).date()
        return self._today

    def shop_time(self) -> datetime:
        """Naive local time of the shop (C11)."""
        if self._shop_time is None:
            source = self.purchase if self.purchase is not None else self.context.event
            name = (source.store_tz if source is not None else None) or self.settings.timezone
            self._shop_time = dates.local(self.at, zone(name))
        return self._shop_time

    def matching(self, slot: int) -> tuple[int, ...]:
        """Positions of the lines for which the predicate of the slot is true (C15)."""
        found = self._masks.get(slot)
        if found is None:
            predicate = self._predicates[slot]
            found = tuple([position for position, line in enumerate(self.lines) if predicate(self, line) is True])
            self._masks[slot] = found
        return found

    def positions(self, slot: int | None) -> Sequence[int]:
        """Positions of the lines that a filter takes; all without a filter."""
        return range(len(self.lines)) if slot is None else self.matching(slot)

    def units(self, position: int) -> list[money.Unit]:
        """The units of a line (C16)."""
        found = self._units.get(position)
        if found is None:
            found = self._units[position] = money.explode(self.lines[position], position)
        return found

    def dated_history(self) -> list[tuple[date, HistoryPurchase]]:
        """Earlier purchases that count, with their local date in program time (C12, C13)."""
        if self._dated is None:
            program_zone = self.program_zone
            self._dated = [
                (dates.local(purchase.at, program_zone).date(), purchase)
                for purchase in self.context.history
                if purchase.lines and purchase.at < self.at
            ]
        return self._dated

    def history_base(self, spec: HistorySpec) -> Any:
        """The base of a history value: from a frozen context, else computed once."""
        known = self.context.history_values
        if spec.key in known:
            return known[spec.key]
        if spec.key not in self._bases:
            self._bases[spec.key] = base_value(spec, self)
        return self._bases[spec.key]

    def purchase_number(self) -> int | None:
        """The running number of this purchase of the member; None when this is not a purchase."""
        if self.purchase is None:
            return None
        before = self.context.purchases_before
        return 1 + (len(self.dated_history()) if before is None else before)


def _with_points_share(purchase: Purchase) -> tuple[Line, ...]:
    if purchase.paid_with_points and not any(line.points_paid for line in purchase.lines):
        return money.spread_points_payment(purchase.lines, purchase.paid_with_points)
    return purchase.lines
