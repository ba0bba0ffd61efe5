"""The state of one pass of one evaluation: the lines as they stand, and everything computed from them once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from msgspec.structs import replace

from programs.rules import dates, money
from programs.rules.context import Context, HistoryPurchase, Line, ProgramSettings, Purchase
from programs.rules.held import FIELDS, spread_out
from programs.rules.history import HistorySpec, base_value
from programs.rules.view import LineFilters, zone

# Positions of the lines that a filter takes, what each brings into the basis, and the basis itself.
Basis: TypeAlias = tuple[Sequence[int], list[int], int]


NO_LINES: Sequence[int] = ()
# A number for each basis, so that a slot and a basis are one number.
BASES = {name: number for number, name in enumerate(("paid", "units", "list", "ex_tax", "without_points"))}


def basis_key(slot: int | None, basis: str) -> int:
    """The key of a slot (None for all lines) and a basis in ``State.known``."""
    return (-1 if slot is None else slot) * len(BASES) + BASES[basis]


class State:
    """Implements ``View`` for the purchase (or event) under evaluation.

    ``known`` holds what ``basis`` answered before.
    """

    __slots__ = (
        "_bases",
        "_dated",
        "_filters",
        "_masks",
        "_shop_time",
        "_spread",
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
        self.memo: dict[str | int, Any] = {}
        self._filters = filters
        self._masks: dict[int, list[int]] = {}
        self.known: dict[int, Basis] = {}
        self._spread: set[str] = set()
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
        state._shop_time, state._today, state._dated, state._bases = (
            self._shop_time,
            self._today,
            self._dated,
            self._bases,
        )
        state._spread = set()
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

    def matching(self, slot: int) -> Sequence[int]:
        """Positions of the lines for which the predicate of the slot is true (C15)."""
        found = self._masks.get(slot)
        if found is None:
            predicate, field, _ = self._filters.slots[slot]
            if field is None:
                found = [position for position, line in enumerate(self.lines) if predicate(self, line) is True]
                self._masks[slot] = found
            else:
                if field not in self._spread:
                    self._spread_out(field)
                return self._masks.get(slot, NO_LINES)
        return found

    def keyed_slots(self) -> Iterable[int]:
        """The slots of which there are lines, of those that are found by their values; others may be among them."""
        for field in self._filters.asking:
            if field not in self._spread:
                self._spread_out(field)
        return self._masks

    def spread_by(self, field: str) -> dict[int, list[int]]:
        """Where to note the lines of the predicates that ask for values of the field: once, after that it is in vain."""
        if field in self._spread:
            return {}
        self._spread.add(field)
        return self._masks

    def _spread_out(self, field: str) -> None:
        """Note the lines of every predicate that asks for values of the field."""
        spread_out(map(self._filters.asking[field], map(FIELDS[field], self.lines)), self.spread_by(field))

    def positions(self, slot: int | None) -> Sequence[int]:
        """Positions of the lines that a filter takes; all without a filter."""
        return range(len(self.lines)) if slot is None else self.matching(slot)

    def basis(self, slot: int | None, basis: str) -> Basis:
        """What the lines of a slot bring into a basis: minor units, or units for ``units``."""
        key = basis_key(slot, basis)
        return self.known.get(key) or self.measure(key, slot, basis)

    def measure(self, key: int, slot: int | None, basis: str) -> Basis:
        """Like ``basis``, for what is not yet in ``known`` by its key."""
        lines: Sequence[Line] = self.lines
        positions: Sequence[int]
        if slot is None:
            positions = range(len(lines))
        else:
            found = self._masks.get(slot)
            positions = self.matching(slot) if found is None else found
            if len(positions) == 1:
                line = lines[positions[0]]
                amount = line.paid if basis == "paid" else money.basis_amount(line, basis)
                self.known[key] = single = (positions, [amount], amount)
                return single
            lines = [lines[position] for position in positions]
        weights = (
            [line.paid for line in lines] if basis == "paid" else [money.basis_amount(one, basis) for one in lines]
        )
        several = self.known[key] = (positions, weights, sum(weights))
        return several

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
        number = self.memo["number"] = 1 + (len(self.dated_history()) if before is None else before)
        return number


def _with_points_share(purchase: Purchase) -> tuple[Line, ...]:
    if any(line.points_paid for line in purchase.lines):
        return purchase.lines
    return money.spread_points_payment(purchase.lines, purchase.paid_with_points)
