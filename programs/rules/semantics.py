"""What a schema cannot say about a document: contradictions, order, what a condition may read where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from programs.rules.catalog import Catalog, Found
from programs.rules.context import ProgramSettings
from programs.rules.pricing import PRICE_EFFECTS
from programs.rules.proposal import TALK
from programs.rules.schedule import minutes

SHIFTS = ("after_days", "after_months")
WHOLE_PURCHASE = ("lines", "every_line", "history", "compare", "purchase_number", "streak_weeks")


def rule_problems(document: Mapping[str, Any], settings: ProgramSettings | None, catalog: Catalog) -> Iterator[Found]:
    """Problems of a document that the schema accepts."""
    if "schedule" in document:
        yield from _schedule_problems(document["schedule"], "/schedule")
    for part in ("audience", "when"):
        if part in document:
            yield from condition_problems(document[part], f"/{part}", catalog)
    for branch in ("then", "else"):
        for index, effect in enumerate(document.get(branch, ())):
            path = f"/{branch}/{index}"
            yield from _effect_problems(document, effect, path, settings, catalog)
            if branch == "else" and effect["effect"] not in TALK:
                yield f"{path}/effect", "else_only_talks", {}
    yield from _frame_problems(document, settings)
    trigger = document.get("trigger")
    if isinstance(trigger, Mapping) and "metric" in trigger:
        yield from _history_problems(trigger["metric"], "/trigger/metric", catalog)


def _frame_problems(document: Mapping[str, Any], settings: ProgramSettings | None) -> Iterator[Found]:
    shares = [Decimal(str(one["share"])) for one in document.get("funding", ())]
    if shares and sum(shares) != 1:
        yield "/funding", "shares_not_one", {"sum": str(sum(shares))}
    seen: set[str] = set()
    limits = [("/limits", index, limit) for index, limit in enumerate(document.get("limits", ()))]
    for number, effect in enumerate(document["then"]):
        limits += [(f"/then/{number}/limits", index, limit) for index, limit in enumerate(effect.get("limits", ()))]
    for prefix, index, limit in limits:
        path = f"{prefix}/{index}"
        if limit["id"] in seen:
            yield f"{path}/id", "duplicate_limit", {"id": limit["id"]}
        seen.add(limit["id"])
        if "period" in limit and "rolling_days" in limit:
            yield f"{path}/rolling_days", "period_or_rolling", {}
    group = document.get("group")
    if group is not None and settings is not None and group not in settings.groups:
        yield "/group", "unknown_group", {"group": group}


def condition_problems(
    condition: Mapping[str, Any], path: str, catalog: Catalog, *, entities: tuple[str, ...] | None = None
) -> Iterator[Found]:
    """Problems of a condition.

    :param entities: inside a filter, what tests may read; None at the top, where ``line`` has no meaning.
    """
    kind = condition["op"]
    if entities is not None and kind in WHOLE_PURCHASE:
        yield path, "not_in_filter", {"op": kind}
        return
    for index, child in enumerate(condition.get("of", ())):
        yield from condition_problems(child, f"{path}/of/{index}", catalog, entities=entities)
    if kind == "at_least" and condition["n"] > len(condition["of"]):
        yield f"{path}/n", "never_true", {"of": len(condition["of"])}
    elif kind == "test":
        yield from _test_problems(condition, path, catalog, entities)
    elif kind in ("lines", "every_line") and "where" in condition:
        yield from filter_problems(condition["where"], f"{path}/where", catalog)
    elif kind == "history":
        yield from _history_problems(condition, path, catalog)
    elif kind == "compare":
        for side in ("left", "right"):
            yield from _number_problems(condition[side], f"{path}/{side}", catalog)
    elif kind == "purchase_number" and not ("cmp" in condition or "every" in condition):
        yield path, "missing_field", {"fields": ["cmp", "every"]}
    elif kind == "during":
        yield from _schedule_problems(condition["schedule"], f"{path}/schedule")


def filter_problems(condition: Mapping[str, Any], path: str, catalog: Catalog) -> Iterator[Found]:
    """Problems of a filter of lines."""
    yield from condition_problems(condition, path, catalog, entities=("line", "txn", "member"))


def _test_problems(
    condition: Mapping[str, Any], path: str, catalog: Catalog, entities: tuple[str, ...] | None
) -> Iterator[Found]:
    entity = condition["attr"].partition(".")[0]
    if entities is None and entity == "line":
        yield f"{path}/attr", "line_outside_filter", {}
    elif entities is not None and entity not in entities:
        yield f"{path}/attr", "not_in_filter", {"allowed": list(entities)}
    if condition["attr"] == "member.id":
        yield f"{path}/attr", "identity_not_readable", {}
    value, lists = condition.get("value"), catalog.lists
    if isinstance(value, Mapping) and "list" in value and lists is not None and value["list"] not in lists:
        yield f"{path}/value/list", "unknown_list", {"list": value["list"]}


def _history_problems(spec: Mapping[str, Any], path: str, catalog: Catalog) -> Iterator[Found]:
    if "where" in spec:
        yield from condition_problems(spec["where"], f"{path}/where", catalog, entities=("line", "txn", "member"))
    if "txn_where" in spec:
        yield from condition_problems(spec["txn_where"], f"{path}/txn_where", catalog, entities=("txn", "member"))
    measure, window = spec["measure"], spec.get("window", {})
    if measure == "events" and "event" not in spec:
        yield f"{path}/event", "missing_field", {}
    if measure == "streak" and window and window.get("this") not in ("day", "week", "month", "quarter", "year"):
        yield f"{path}/window", "streak_needs_period", {}
    if "since" in window and not _is_moment(window["since"]):
        yield f"{path}/window/since", "no_such_date", {}


def _number_problems(number: Any, path: str, catalog: Catalog) -> Iterator[Found]:
    if not isinstance(number, Mapping):
        return
    if number["op"] == "history":
        yield from _history_problems(number, path, catalog)
    elif number["op"] == "attr" and number["attr"].startswith("line."):
        yield f"{path}/attr", "line_outside_filter", {}
    for index, part in enumerate(number.get("of", ())):
        yield from _number_problems(part, f"{path}/of/{index}", catalog)


def _effect_problems(
    document: Mapping[str, Any],
    effect: Mapping[str, Any],
    path: str,
    settings: ProgramSettings | None,
    catalog: Catalog,
) -> Iterator[Found]:
    if "if" in effect:
        yield from condition_problems(effect["if"], f"{path}/if", catalog)
    for name in ("where", "buy_where"):
        if name in effect:
            yield from filter_problems(effect[name], f"{path}/{name}", catalog)
    for index, part in enumerate(effect.get("parts", ())):
        yield from filter_problems(part["where"], f"{path}/parts/{index}/where", catalog)
    if "position" in effect:
        yield from _position_problems(effect["position"], f"{path}/position", catalog, ("units",))
    if effect["effect"] in ("earn", "burn"):
        yield from _formula_problems(document, effect, f"{path}/formula", catalog)
    if effect["effect"] == "discount":
        given = [name for name in ("percent", "amount", "price") if name in effect]
        if len(given) != 1:
            yield path, "exactly_one", {"of": ["percent", "amount", "price"], "given": given}
    for name in ("activation", "expiry", "valid"):
        if name in effect:
            yield from _life_problems(effect[name], f"{path}/{name}")
    known = [point_type.code for point_type in settings.point_types] if settings is not None else None
    if known is not None and "type" in effect and effect["type"] not in known:
        yield f"{path}/type", "unknown_point_type", {"type": effect["type"]}
    if effect["effect"] in PRICE_EFFECTS and document.get("trigger", "purchase") != "purchase":
        yield f"{path}/effect", "price_needs_purchase", {}


def _formula_problems(
    document: Mapping[str, Any], effect: Mapping[str, Any], path: str, catalog: Catalog
) -> Iterator[Found]:
    formula = effect["formula"]
    kind = formula["kind"]
    if kind == "multiply":
        if document.get("phase") == "base" or effect["effect"] == "burn":
            yield f"{path}/kind", "multiply_needs_base", {}
        if Decimal(str(formula["factor"])) < 1:
            yield f"{path}/factor", "too_small", {"wanted": 1}
    elif kind == "table":
        starts = [Decimal(str(row["from"])) for row in formula["rows"]]
        for index in range(1, len(starts)):
            if starts[index] <= starts[index - 1]:
                yield f"{path}/rows/{index}/from", "rows_out_of_order", {"after": str(starts[index - 1])}
        if "position" in formula:
            marginal = ("amount", "units", "purchases") if formula["mode"] == "marginal" else None
            yield from _position_problems(formula["position"], f"{path}/position", catalog, marginal)
    elif kind == "expression":
        yield from _number_problems(formula["value"], f"{path}/value", catalog)


def _position_problems(
    position: Mapping[str, Any], path: str, catalog: Catalog, measures: tuple[str, ...] | None
) -> Iterator[Found]:
    yield from _history_problems(position, path, catalog)
    if measures is not None and position["measure"] not in measures:
        yield f"{path}/measure", "not_a_choice", {"choices": list(measures)}


def _life_problems(life: Mapping[str, Any], path: str) -> Iterator[Found]:
    # Beside an event a date says when points become usable at the latest.
    kinds = [name for name in ("on", "never", "after_inactivity") if name in life]
    if any(name in life for name in (*SHIFTS, "at")):
        kinds.append("after")
    if len(kinds) > 1:
        yield path, "contradictory_life", {"given": kinds}
    if "on" in life and not _is_moment(life["on"]):
        yield f"{path}/on", "no_such_date", {}


def _schedule_problems(schedule: Mapping[str, Any], path: str) -> Iterator[Found]:
    for index, (first, last) in enumerate(schedule.get("times", ())):
        if minutes(first) == minutes(last) or first == "24:00":
            yield f"{path}/times/{index}", "empty_window", {}
    bad = False
    for name in ("from", "to"):
        if name in schedule and not _is_moment(schedule[name]):
            bad = True
            yield f"{path}/{name}", "no_such_date", {}
    for name in ("dates", "blackout"):
        for index, day in enumerate(schedule.get(name, ())):
            # A day of every year may be 29 February.
            if not _is_moment(day if len(day) == 10 else f"2000-{day}"):
                yield f"{path}/{name}/{index}", "no_such_date", {}
    if not bad and "from" in schedule and "to" in schedule:
        first, last = datetime.fromisoformat(schedule["from"]), datetime.fromisoformat(schedule["to"])
        if (first.tzinfo is None) == (last.tzinfo is None) and first >= last:
            yield f"{path}/to", "empty_validity", {}


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
