"""Effects compiled: points by a formula, money off by a price effect, everything else as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from programs.rules.compiler import Compiler
from programs.rules.conditions import compile_condition, line_slot
from programs.rules.formulas import Formula, Result, compile_formula, rounded
from programs.rules.money import round_number
from programs.rules.pricing import PRICE_EFFECTS, Pricing, compile_pricing
from programs.rules.proposal import PointsDraft
from programs.rules.state import BaseBook, State
from programs.rules.view import Truth

FactsOf: TypeAlias = Callable[[State], "dict[str, Any] | None"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One compiled effect.

    :param condition: ``if`` of the effect; it takes part only when true.
    :param rounding: mode, and the multiple of the smallest unit to round to.
    :param facts: for an effect that is neither points nor price: its quantities; None when there is nothing to give.
    """

    index: int
    kind: str
    document: Mapping[str, Any]
    condition: Truth | None
    formula: Formula | None
    pricing: Pricing | None
    facts: FactsOf | None
    point_type: str
    rounding: tuple[str, int]
    is_compound: bool

    def draft(self, state: State, book: BaseBook) -> PointsDraft | None:
        """Points that the effect wants, rounded once, or line by line where the rule says so (C04)."""
        assert self.formula is not None
        result = self.formula(state, book)
        if result is None:
            return None
        mode, grain = self.rounding
        weights = result.weights
        raw = result.raw
        if isinstance(raw, list):
            weights = [rounded(one, mode, grain) for one in raw]
            amount = sum(weights)
        elif type(raw) is int and grain == 1:
            amount = raw
        else:
            amount = rounded(raw, mode, grain)
        if amount <= 0:
            return None
        return PointsDraft(
            self.index, self.point_type, amount, amount, result.positions, weights, result.basis, result.numbers
        )


def compile_effect(compiler: Compiler, document: Mapping[str, Any], index: int) -> Effect:
    """The effect at ``index`` of its list."""
    kind = document["effect"]
    settings = compiler.settings
    point_type = document.get("type") or settings.default_point_type
    scale = settings.point_scale(point_type)
    decimals = document.get("decimals")
    grain = max(1, scale // 10 ** int(decimals)) if decimals is not None else 1
    rounding = (document.get("round", settings.rounding), grain)
    condition = compile_condition(compiler, document["if"], f"/then/{index}/if").fn if "if" in document else None
    formula = compile_formula(compiler, document, point_type) if kind == "earn" else None
    facts: FactsOf | None = None
    if kind == "burn":
        facts = _burn(compile_formula(compiler, document, point_type), point_type, rounding)
    elif kind == "stamp":
        facts = _stamp(compiler, document)
    return Effect(
        index=index,
        kind=kind,
        document=document,
        condition=condition,
        formula=formula,
        pricing=compile_pricing(compiler, document) if kind in PRICE_EFFECTS else None,
        facts=facts,
        point_type=point_type,
        rounding=rounding,
        is_compound=kind == "earn" and bool(document["formula"].get("compound")),
    )


def _burn(formula: Formula, point_type: str, rounding: tuple[str, int]) -> FactsOf:
    def facts(state: State) -> dict[str, Any] | None:
        result: Result | None = formula(state, BaseBook())
        if result is None:
            return None
        parts = result.raw if isinstance(result.raw, list) else [result.raw]
        points = sum(rounded(one, *rounding) for one in parts)
        return {"points": points, "type": point_type} if points > 0 else None

    return facts


def _stamp(compiler: Compiler, document: Mapping[str, Any]) -> FactsOf:
    """Stamps for matching units; with ``n``, floor(after / n) - floor(before / n) full cards."""
    slot = line_slot(compiler, document.get("where"))
    position = document.get("position")
    spec = (
        None
        if position is None
        else compiler.history_spec(position, lambda where: compile_condition(compiler, where).fn)
    )
    size = document.get("n")

    def facts(state: State) -> dict[str, Any] | None:
        stamps = sum(state.lines[found].units for found in state.positions(slot))
        if stamps == 0:
            return None
        counted: dict[str, Any] = {"stamps": stamps}
        if size is not None:
            before = round_number(spec.raw(state) or 0, "down") if spec is not None else 0
            counted["before"] = before
            counted["rewards"] = (before + stamps) // size - before // size
        return counted

    return facts
