"""What can be built and evaluated, but makes no sense: values of the wrong kind, what is never true, never granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from programs.rules.catalog import Catalog, Found, attribute_problems, comparison_problems
from programs.rules.contradictions import contradictions

FILTERS = ("where", "txn_where", "buy_where")


def sense_problems(document: Mapping[str, Any], catalog: Catalog) -> Iterator[Found]:
    """Problems of a rule that the language accepts."""
    parts = [(document[name], f"/{name}") for name in ("audience", "when") if name in document]
    yield from contradictions(parts, catalog)
    for part, path in parts:
        yield from kinds_of_condition(part, path, catalog)
    for branch in ("then", "else"):
        for index, effect in enumerate(document.get(branch, ())):
            yield from _effect_problems(effect, f"/{branch}/{index}", catalog)
    trigger = document.get("trigger")
    if isinstance(trigger, Mapping) and "metric" in trigger:
        yield from _filter_problems(trigger["metric"], "/trigger/metric", catalog)
    yield from _limit_problems(document)


def kinds_of_condition(condition: Mapping[str, Any], path: str, catalog: Catalog) -> Iterator[Found]:
    """Tests that do not suit their attribute, and numbers of what is none."""
    if condition["op"] == "test":
        yield from comparison_problems(condition, path, catalog)
    elif condition["op"] == "compare":
        for side in ("left", "right"):
            yield from _number_problems(condition[side], f"{path}/{side}", catalog)
    for index, child in enumerate(condition.get("of", ())):
        yield from kinds_of_condition(child, f"{path}/of/{index}", catalog)
    yield from _filter_problems(condition, path, catalog, are_judged=False)


def _filter_problems(
    holder: Mapping[str, Any], path: str, catalog: Catalog, *, are_judged: bool = True
) -> Iterator[Found]:
    """Of the filters of a history, an effect ...; ``are_judged``: nobody has looked for contradictions in them yet."""
    for name in FILTERS:
        if name in holder:
            where = f"{path}/{name}"
            yield from kinds_of_condition(holder[name], where, catalog)
            if are_judged:
                yield from contradictions([(holder[name], where)], catalog)


def _number_problems(number: Any, path: str, catalog: Catalog) -> Iterator[Found]:
    if not isinstance(number, Mapping):
        return
    if number["op"] == "attr":
        facts = catalog.facts(number["attr"])
        yield from attribute_problems(number["attr"], f"{path}/attr", catalog)
        if facts is not None and not facts.is_numeric:
            yield f"{path}/attr", "wrong_type", {"wanted": "number"}
    for index, part in enumerate(number.get("of", ())):
        yield from _number_problems(part, f"{path}/of/{index}", catalog)
    yield from _filter_problems(number, path, catalog)


def _effect_problems(effect: Mapping[str, Any], path: str, catalog: Catalog) -> Iterator[Found]:
    yield from _filter_problems(effect, path, catalog)
    if "if" in effect:
        yield from kinds_of_condition(effect["if"], f"{path}/if", catalog)
        yield from contradictions([(effect["if"], f"{path}/if")], catalog)
    for index, part in enumerate(effect.get("parts", ())):
        yield from _filter_problems(part, f"{path}/parts/{index}", catalog)
    formula = effect.get("formula", {})
    for holder, where in ((effect, path), (formula, f"{path}/formula")):
        if "position" in holder:
            yield from _filter_problems(holder["position"], f"{where}/position", catalog)
    if formula.get("kind") == "expression":
        yield from _number_problems(formula["value"], f"{path}/formula/value", catalog)


def _limit_problems(document: Mapping[str, Any]) -> Iterator[Found]:
    """All or nothing of less than one grant is always nothing; said where the grant is a fixed number."""
    limit = next(iter(document.get("limits", ())), None)
    (effect, *others) = document["then"]
    formula = effect.get("formula", {})
    if limit is None or others or effect.get("limits") or formula.get("kind") != "fixed" or "for_every" in formula:
        return
    is_all_or_nothing = limit.get("overflow") == "all_or_nothing" and limit.get("measure", "points") == "points"
    if is_all_or_nothing and Decimal(str(formula["points"])) > Decimal(str(limit["max"])):
        yield "/limits/0/max", "too_small", {"wanted": str(formula["points"])}
