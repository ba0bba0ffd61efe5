"""Price effects: discount, buy X get Y, every nth free, bundle (C16, C23). Money is minor units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from programs.rules.compiler import Compiler
from programs.rules.conditions import compile_condition, line_slot
from programs.rules.history import HistorySpec
from programs.rules.money import Number, Unit, exact, half_up, largest_remainder
from programs.rules.state import State
from programs.rules.view import UNITS


@dataclass(slots=True)
class Reduction:
    """Money off by position of the line, adding up to ``amount``."""

    amount: int
    parts: list[tuple[int, int]]
    facts: dict[str, Any] = field(default_factory=dict)


Pricing: TypeAlias = Callable[[State], Reduction | None]
Price: TypeAlias = Callable[[Sequence[Unit]], Reduction]

PRICE_EFFECTS = ("discount", "nth_free", "bundle")


def compile_pricing(compiler: Compiler, effect: Mapping[str, Any]) -> Pricing:
    """The price effect as a closure over the state."""
    return {"discount": _discount, "nth_free": _nth_free, "bundle": _bundle}[effect["effect"]](compiler, effect)


def _units(state: State, slot: int | None) -> list[Unit]:
    return [unit for position in state.positions(slot) for unit in state.units(position)]


def cheapest(units: Sequence[Unit]) -> list[Unit]:
    """Units by ascending price; ties: lower line number, then earlier unit (C16)."""
    return sorted(units, key=lambda unit: unit.cheapest_key)


def _reduction(total: int, units: Sequence[Unit], facts: dict[str, Any]) -> Reduction:
    """Spread a reduction over lines in proportion to the paid amounts of its units."""
    paid: dict[int, int] = {}
    for unit in units:
        paid[unit.position] = paid.get(unit.position, 0) + unit.paid
    positions = sorted(paid)
    shares = largest_remainder(total, [paid[position] for position in positions])
    return Reduction(total, list(zip(positions, shares, strict=True)), facts)


def _off(compiler: Compiler, effect: Mapping[str, Any]) -> Callable[[int], int]:
    """What all together cost less, of what they cost: a percentage, or an amount that they cover."""
    if "amount" in effect and "percent" not in effect:
        amount = half_up(exact(effect["amount"]) * compiler.settings.money_scale)
        return lambda paid: min(amount, paid)
    percent = Fraction(exact(effect.get("percent", 100))) / 100
    part, whole = percent.numerator, percent.denominator
    return lambda paid: (2 * paid * part + whole) // (2 * whole)


def _price(compiler: Compiler, effect: Mapping[str, Any], *, per_unit: bool) -> Price:
    """What the chosen units cost less: percent of them, an amount, or down to a fixed price of each unit.

    :param per_unit: an ``amount`` comes off each unit instead of off all together.
    """
    scale = compiler.settings.money_scale
    if "percent" not in effect and "price" in effect:
        price = half_up(exact(effect["price"]) * scale)
        return _each_unit(lambda paid: max(0, paid - price))
    if "percent" not in effect and "amount" in effect and per_unit:
        amount = half_up(exact(effect["amount"]) * scale)
        return _each_unit(lambda paid: min(paid, amount))
    off = _off(compiler, effect)
    return lambda units: _reduction(off(sum(unit.paid for unit in units)), units, {})


def _of_lines(slot: int | None, off: Callable[[int], int]) -> Pricing:
    """A reduction of all units of the lines: no unit has to be looked at."""

    def pricing(state: State) -> Reduction | None:
        positions, weights, paid = state.basis(slot, "paid")
        if not positions:
            return None
        total = off(paid)
        shares = largest_remainder(total, weights)
        units = state.basis(slot, UNITS)[2]
        return Reduction(total, list(zip(positions, shares, strict=True)), {"units": units})

    return pricing


def _each_unit(off: Callable[[int], int]) -> Price:
    def price(units: Sequence[Unit]) -> Reduction:
        parts: dict[int, int] = {}
        for unit in units:
            parts[unit.position] = parts.get(unit.position, 0) + off(unit.paid)
        return Reduction(sum(parts.values()), sorted(parts.items()))

    return price


def _discount(compiler: Compiler, effect: Mapping[str, Any]) -> Pricing:
    """A reduction of all matching units, of chosen ones, or of what a purchase of other units gives (buy X get Y)."""
    slot = line_slot(compiler, effect.get("where"))
    buys = line_slot(compiler, effect["buy_where"]) if "buy_where" in effect else None
    has_buy, select = "buy_where" in effect, effect.get("select")
    group, get = effect.get("group"), int(effect.get("get", 1))
    chooses = has_buy or group is not None or "get" in effect or select in ("cheapest", "dearest")
    per = effect.get("per", "unit" if chooses else "selection")
    if not chooses and per != "unit" and ("percent" in effect or "price" not in effect):
        return _of_lines(slot, _off(compiler, effect))
    price = _price(compiler, effect, per_unit=per == "unit")

    def pricing(state: State) -> Reduction | None:
        units = _units(state, slot)
        if chooses:
            ordered = cheapest(units)
            if select == "dearest":
                ordered.sort(key=lambda unit: (-unit.paid, unit.position, unit.index))
            if has_buy:
                count = _free_count(ordered, _units(state, buys), int(group or 1), get)
            else:
                count = len(units) // int(group) * get if group is not None else get
            units = ordered[:count]
        if not units:
            return None
        reduction = price(units)
        reduction.facts["units"] = len(units)
        return reduction

    return pricing


def _free_count(gets: Sequence[Unit], buys: Sequence[Unit], group: int, get: int) -> int:
    """The largest number of reduced units that the rest of the bought units pays for; a unit serves once."""
    bought = {(unit.position, unit.index) for unit in buys}
    for count in range(len(gets), 0, -1):
        reserved = sum((unit.position, unit.index) in bought for unit in gets[:count])
        if (len(bought) - reserved) // group * get >= count:
            return count
    return 0


def _nth_free(compiler: Compiler, effect: Mapping[str, Any]) -> Pricing:
    """In one basket the cheapest of every n units; with a position, each unit whose running number divides by n."""
    slot, every = line_slot(compiler, effect.get("where")), int(effect["n"])
    get = int(effect.get("get", 1))
    price = _price(compiler, effect, per_unit=True)
    spec: HistorySpec | None = None
    if "position" in effect:
        spec = compiler.history_spec(effect["position"], lambda where: compile_condition(compiler, where).fn)

    def pricing(state: State) -> Reduction | None:
        units = _units(state, slot)
        if spec is None:
            chosen = cheapest(units)[: len(units) // every * get]
            facts: dict[str, Any] = {"units": len(chosen)}
        else:
            before = int(spec.raw(state) or 0)
            chosen = [unit for number, unit in enumerate(units, before + 1) if number % every == 0]
            facts = {"units": len(chosen), "before": before, "after": before + len(units)}
        if not chosen:
            return None
        reduction = price(chosen)
        reduction.facts.update(facts)
        return reduction

    return pricing


def _bundle(compiler: Compiler, effect: Mapping[str, Any]) -> Pricing:
    """As many bundles as the basket holds, each at a fixed price; the cheapest units fill it, a unit serves once."""
    parts = [(line_slot(compiler, part["where"]), int(part.get("units", 1))) for part in effect["parts"]]
    price: Number = half_up(exact(effect["price"]) * compiler.settings.money_scale)

    def fill(state: State, count: int) -> list[Unit] | None:
        used: dict[tuple[int, int], Unit] = {}
        for slot, needed in parts:
            free = [unit for unit in cheapest(_units(state, slot)) if (unit.position, unit.index) not in used]
            if len(free) < needed * count:
                return None
            used.update(((unit.position, unit.index), unit) for unit in free[: needed * count])
        return list(used.values())

    def pricing(state: State) -> Reduction | None:
        most = sum(line.units for line in state.lines) // sum(needed for _, needed in parts)
        for count in range(min(most, int(effect.get("max", most))), 0, -1):
            units = fill(state, count)
            if units is not None:
                total = sum(unit.paid for unit in units) - int(price) * count
                return _reduction(max(0, total), units, {"bundles": count}) if total > 0 else None
        return None

    return pricing
