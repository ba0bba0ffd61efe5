"""The state of one pass of one evaluation: the lines as they stand, and everything computed from them once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, TypeAlias

from programs.rules import dates, money
from programs.rules.context import Context, HistoryPurchase, Line, ProgramSettings, Purchase
from programs.rules.history import HistorySpec, base_value
from programs.rules.view import LineFilters, zone

# Positions of the lines that a filter takes, what each brings into the basis, and the basis itself.
Basis: TypeAlias = tuple[Sequence[int], list[int], int]


PAID: Callable[[Line], int] = attrgetter("paid")
FIELDS = {name: attrgetter(name) for name in ("sku", "product", "brand")}


@lru_cache(maxsize=4096)
def positions_of(lines: int) -> tuple[int, ...]:
    """The positions of the bits of a number."""
    return tuple(position for position in range(lines.bit_length()) if lines >> position & 1)


class State:
    """Implements ``View`` for the purchase (or event) under evaluation.

    ``known`` holds what ``basis`` answered before.
    """

    __slots__ = (
        "_bases",
        "_by_value",
        "_dated",
        "_filters",
        "_masks",
        "_shop_time",
        "_today",
        "_units",
        "at",
        "context",
        "known",
        "lines",
        "memo",
        "purchase",
        "settings",
    )

    def __init__(self, context: Context, settings: ProgramSettings, filters: LineFilters) -> None:
        purchase = context.purchase
        self.context = context
        self.settings = settings
        self.purchase: Purchase | HistoryPurchase | None = purchase
        if purchase is None:
            self.lines: tuple[Line, ...] = ()
            self.at = context.at
        else:
            self.lines = _with_points_share(purchase) if purchase.paid_with_points else purchase.lines
            self.at = purchase.at
        self.memo: dict[str, Any] = {}
        self._filters = filters
        self._masks: dict[int, tuple[int, ...]] = {}
        self.known: dict[tuple[int | None, str], Basis] = {}
        self._by_value: dict[str, dict[Any, int]] = {}
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
        state.lines, state.at, state._filters = lines, self.at, self._filters
        state._masks, state._units, state.memo, state.known = {}, {}, {}, {}
        state._shop_time, state._today, state._dated, state._bases, state._by_value = (
            self._shop_time,
            self._today,
            self._dated,
            self._bases,
            self._by_value,
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
            self._shop_time = self.shop_clock().replace(tzinfo=None)
        return self._shop_time

    def shop_clock(self) -> datetime:
        """The instant in the zone of the shop: for reading weekday and hour, not for comparing."""
        source = self.purchase if self.purchase is not None else self.context.event
        name = (source.store_tz if source is not None else None) or self.settings.timezone
        return self.at.astimezone(zone(name))

    def by_value(self, field: str) -> dict[Any, int]:
        """The lines that hold each value of a field that rules name, with bit ``n`` for the line at position ``n``."""
        found = self._by_value.get(field)
        if found is None:
            found = self._by_value[field] = {}
            named = self._filters.named[field]
            bit = 1
            if field == "categories":
                for line in self.lines:
                    for value in line.categories:
                        if value in named:
                            found[value] = found.get(value, 0) | bit
                    bit += bit
            else:
                for value in map(FIELDS[field], self.lines):
                    if value in named:
                        found[value] = found.get(value, 0) | bit
                    bit += bit
        return found

    def matching(self, slot: int) -> tuple[int, ...]:
        """Positions of the lines for which the predicate of the slot is true (C15)."""
        found = self._masks.get(slot)
        if found is None:
            predicate, field, keys, key = self._filters.slots[slot]
            if field is None:
                found = tuple([position for position, line in enumerate(self.lines) if predicate(self, line) is True])
            else:
                by_value = self._by_value.get(field)
                if by_value is None:
                    by_value = self.by_value(field)
                if key is not None:
                    lines = by_value.get(key, 0)
                else:
                    lines = 0
                    for value in by_value:
                        if value in keys:
                            lines |= by_value[value]
                found = positions_of(lines)
            self._masks[slot] = found
        return found

    def positions(self, slot: int | None) -> Sequence[int]:
        """Positions of the lines that a filter takes; all without a filter."""
        return range(len(self.lines)) if slot is None else self.matching(slot)

    def basis(self, slot: int | None, basis: str) -> Basis:
        """What the lines of a slot bring into a basis: minor units, or units for ``units``."""
        return self.known.get((slot, basis)) or self.measure(slot, basis)

    def measure(self, slot: int | None, basis: str) -> Basis:
        """Like ``basis``, for what is not yet in ``known``."""
        lines: Sequence[Line] = self.lines
        positions: Sequence[int]
        if slot is None:
            positions = range(len(lines))
        else:
            positions = self._masks.get(slot) or self.matching(slot)
            if len(positions) == 1:
                line = lines[positions[0]]
                amount = line.paid if basis == "paid" else money.basis_amount(line, basis)
                self.known[slot, basis] = single = (positions, [amount], amount)
                return single
            lines = [lines[position] for position in positions]
        of = PAID if basis == "paid" else partial(money.basis_amount, basis=basis)
        weights = list(map(of, lines))
        found = self.known[slot, basis] = (positions, weights, sum(weights))
        return found

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
    if any(line.points_paid for line in purchase.lines):
        return purchase.lines
    return money.spread_points_payment(purchase.lines, purchase.paid_with_points)
