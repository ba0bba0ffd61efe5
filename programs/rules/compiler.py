"""What one build of a rule set shares between its rules: line predicates, schedules, history specs, value lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from programs.rules.attributes import MONEY, Attribute, attribute
from programs.rules.comparison import line_keys
from programs.rules.context import ProgramSettings
from programs.rules.history import HistorySpec, canonical, scale_of, spec_key
from programs.rules.money import Number, from_minor
from programs.rules.schedule import compile_schedule
from programs.rules.view import Slot, Truth


@dataclass(slots=True)
class Reads:
    """What one rule reads: paths of attributes (and ``segment:<code>``), history specs, the number of the purchase."""

    attributes: set[str] = field(default_factory=set)
    history: dict[tuple[str, bool], HistorySpec] = field(default_factory=dict)
    streak_limits: dict[str, int | None] = field(default_factory=dict)
    purchase_count: bool = False

    def merge(self, other: Reads) -> None:
        self.attributes |= other.attributes
        self.history |= other.history
        for key, limit in other.streak_limits.items():
            self.note_streak(key, limit)
        self.purchase_count |= other.purchase_count

    def note_streak(self, key: str, periods: int | None) -> None:
        """A streak is read this many periods back; None is all the way."""
        known = self.streak_limits.get(key, 0)
        self.streak_limits[key] = None if periods is None or known is None else max(periods, known)


class Compiler:
    """Shared parts of a build. ``begin`` starts collecting what the next rule reads."""

    def __init__(self, settings: ProgramSettings, lists: Mapping[str, Sequence[Any]] | None = None) -> None:
        self.settings = settings
        self.slots: list[Slot] = []
        self._slots: dict[str, int] = {}
        self._slot_reads: list[set[str]] = []
        self._schedules: dict[str, Callable[[Any], bool]] = {}
        self._lists = lists or {}
        self.current = Reads()

    def begin(self) -> Reads:
        self.current = Reads()
        return self.current

    def reads(self, path: str) -> None:
        self.current.attributes.add(path)

    def needs_purchase_count(self) -> None:
        self.current.purchase_count = True

    def slot(self, where: Mapping[str, Any], compile_where: Callable[[], Truth]) -> int:
        """The number of a line predicate; equal structures share one."""
        key = canonical(where)
        found = self._slots.get(key)
        if found is None:
            outer, self.current = self.current, Reads()
            predicate = compile_where()
            self._slot_reads.append(self.current.attributes)
            self.current = outer
            found = self._slots[key] = len(self.slots)
            keys = line_keys(where, self.list_value(where.get("value")))
            if keys is None:
                self.slots.append(Slot(predicate))
            else:
                self.slots.append(Slot(predicate, *keys))
        self.current.attributes |= self._slot_reads[found]
        return found

    def schedule(self, document: Mapping[str, Any]) -> Callable[[Any], bool]:
        key = canonical(document)
        if key not in self._schedules:
            self._schedules[key] = compile_schedule(document, self.settings)
        return self._schedules[key]

    def list_value(self, value: Any) -> Any:
        """A list given by reference is replaced by its values."""
        if isinstance(value, Mapping) and "list" in value:
            return list(self._lists[value["list"]])
        return value

    def history_spec(self, document: Mapping[str, Any], condition: Callable[[Mapping[str, Any]], Truth]) -> HistorySpec:
        """The spec of a history value, a table position or a metric."""
        measure, _, counted = str(document["measure"]).partition(":")
        where, txn_where = document.get("where"), document.get("txn_where")
        point_type = document.get("point_type") or self.settings.default_point_type
        if where is not None and where["op"] == "true":
            where = None
        slot = None if where is None else self.slot(where, lambda: condition(where))
        if counted:
            self.reads(f"line.{counted}")
        spec = HistorySpec(
            key=spec_key(document),
            measure=measure,
            where=None if slot is None else self.slots[slot].truth,
            where_slot=slot,
            txn_where=None if txn_where is None else condition(txn_where),
            window=document.get("window"),
            event=document.get("event"),
            point_type=point_type,
            distinct=attribute(f"line.{counted}") if counted else None,
            include_current=bool(document.get("include_current")),
            scale=scale_of(measure, point_type, self.settings),
            field=None if slot is None else self.slots[slot].field,
            keys=frozenset() if slot is None else self.slots[slot].keys,
        )
        self.current.history[spec.key, spec.include_current] = spec
        if measure == "streak":
            value = str(document.get("value", ""))
            self.current.note_streak(spec.key, int(value) + 1 if value.isdigit() else None)
        return spec

    def shown(self, found: Attribute, value: Any) -> Any:
        """A value as JSON data; money as a decimal string."""
        if found.kind == MONEY and value is not None:
            return self.shown_number(value, True)
        return shown_value(value)

    def shown_number(self, value: Number, is_money: bool) -> Any:
        if is_money:
            return (
                from_minor(value, self.settings.exponent)
                if isinstance(value, int)
                else shown_value(value / self.settings.money_scale)
            )
        return shown_value(value)

    def shown_exact(self, value: Number | None) -> Any:
        return shown_value(value)


def shown_value(value: Any) -> Any:
    """Any value as JSON data; an exact number as a decimal string, a fraction without one as ``n/d``."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, Fraction):
        return decimal_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(shown_value(one) for one in value)
    if isinstance(value, list | tuple):
        return [shown_value(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): shown_value(one) for name, one in value.items()}
    return value


def decimal_text(value: Number) -> str:
    """An exact number as a decimal string where it has one, else as a fraction."""
    if type(value) is int:
        return str(value)
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return format(Decimal(int(value * 10**places)).scaleb(-places), "f")


@lru_cache(maxsize=1 << 14)
def decimal_quotient(amount: int, scale: int) -> str:
    """An amount in smallest units as a decimal string in whole ones, without zeros at the end."""
    if scale == 1:
        return str(amount)
    whole, rest = divmod(abs(amount), scale)
    text = str(whole)
    if rest:
        text = f"{text}.{str(rest).rjust(len(str(scale)) - 1, '0').rstrip('0')}"
    return f"-{text}" if amount < 0 else text
