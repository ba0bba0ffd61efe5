"""Effects compiled: points by a formula, money off by a price effect, everything else as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from programs.rules.compiler import Compiler
from programs.rules.conditions import compile_condition, line_slot
from programs.rules.formulas import Draft, compile_formula
from programs.rules.money import Number, round_number
from programs.rules.pricing import PRICE_EFFECTS, Pricing, compile_pricing
from programs.rules.proposal import BaseBook
from programs.rules.state import State
from programs.rules.view import Truth

if TYPE_CHECKING:
    from programs.rules.rule import Rule

FactsOf: TypeAlias = Callable[[State], "dict[str, Any] | None"]


@dataclass(slots=True)
class Effect:
    """One compiled effect.

    :param condition: ``if`` of the effect; it takes part only when true.
    :param scale: smallest units in one point of its type.
    :param basis_scale: smallest units in one of what its formula works on: money, points, or pieces.
    :param rounding: mode, and the multiple of the smallest unit to round to.
    :param owner: the rule, once it is compiled; its ``group`` and how that chooses (``mode``) beside it.
    :param worth: minor units that one smallest unit of the points is worth, where rules compete.
    :param draft: for points: what it wants of a state and a base book.
    :param facts: for an effect that is neither points nor price: its quantities; None when there is nothing to give.
    """

    index: int
    kind: str
    document: Mapping[str, Any]
    condition: Truth | None
    pricing: Pricing | None
    facts: FactsOf | None
    point_type: str
    scale: int
    basis_scale: int
    rounding: tuple[str, int]
    is_compound: bool
    draft: Draft | None = None
    owner: Rule = field(init=False)
    group: str | None = None
    mode: str = ""
    worth: Number = 0


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
    facts: FactsOf | None = None
    if kind == "stamp":
        facts = _stamp(compiler, document)
    effect = Effect(
        index=index,
        kind=kind,
        document=document,
        condition=condition,
        pricing=compile_pricing(compiler, document) if kind in PRICE_EFFECTS else None,
        facts=facts,
        point_type=point_type,
        scale=scale,
        basis_scale=_basis_scale(document["formula"], scale, settings.money_scale) if kind == "earn" else 1,
        rounding=rounding,
        is_compound=kind == "earn" and bool(document["formula"].get("compound")),
    )
    if kind == "earn":
        effect.draft = compile_formula(compiler, effect)
    elif kind == "burn":
        effect.facts = _burn(compile_formula(compiler, effect), point_type)
    return effect


def _basis_scale(formula: Mapping[str, Any], scale: int, money_scale: int) -> int:
    kind = formula["kind"]
    if kind == "per_unit" or "units" in formula.get("for_every", ()):
        return 1
    if kind == "multiply":
        return scale
    is_of_units = kind == "table" and formula.get("position", {}).get("measure") == "units"
    return 1 if is_of_units else money_scale


def _burn(draft: Draft, point_type: str) -> FactsOf:
    def facts(state: State) -> dict[str, Any] | None:
        found = draft(state, BaseBook())
        return None if found is None else {"points": found.amount, "type": point_type}

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
