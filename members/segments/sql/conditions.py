"""Conditions in SQL: true, false, or null for unknown, as ``programs.rules.conditions`` answers in memory (C14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from math import ceil, floor
from typing import Any

from members.segments.sql.comparing import SIGNS, compare
from members.segments.sql.days import birthdays_between, on_days_of_year
from members.segments.sql.normal import Group, Leaf, Normal, normal
from members.segments.sql.numbers import compare_numbers
from members.segments.sql.parameters import UNKNOWN, both, either
from members.segments.sql.purchases import is_money
from members.segments.sql.schedules import during
from members.segments.sql.sight import Past, Sight, anniversary
from programs.rules.comparison import as_number
from programs.rules.money import whole

MIRRORED = {"gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte", "eq": "eq", "ne": "ne"}


def condition_sql(document: Mapping[str, Any], sight: Sight, past: Past | None, *, keeps_unknown: bool = False) -> str:
    """The condition for what is seen.

    :param past: the history; None inside a filter, where the language has none.
    :param keeps_unknown: answer null where the condition is unknown; else false or null, which is less to work out.
    """
    return _said(normal(document), sight, past, keeps_unknown)


def _said(node: Normal, sight: Sight, past: Past | None, keeps_unknown: bool) -> str:
    if isinstance(node, Leaf):
        sql = LEAVES[node.document["op"]](node.document, sight, past)
        return f"(NOT {sql})" if node.is_negated else sql
    parts = [_said(part, sight, past, keeps_unknown) for part in node.parts]
    if node.wanted == len(parts):
        return both(*parts)
    return either(*parts) if node.wanted == 1 else _at_least(node, parts, keeps_unknown)


def _at_least(node: Group, parts: list[str], keeps_unknown: bool) -> str:
    """The n-th of the parts in the order true, unknown, false: each stands once, or groups in groups would double."""
    if node.wanted <= 0 or node.wanted > len(parts):
        return "true" if node.wanted <= 0 else "false"
    if not keeps_unknown:
        # Negation stands at the leaves alone: nothing that is made of a group turns unknown into true.
        return f"({' + '.join(f'CASE WHEN {part} THEN 1 ELSE 0 END' for part in parts)} >= {node.wanted})"
    ranks = ", ".join(f"CASE ({part}) WHEN true THEN 2 WHEN false THEN 0 ELSE 1 END" for part in parts)
    return f"(nullif((array_sort(ARRAY[{ranks}], true))[{node.wanted}], 1) = 2)"


def _test(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    path = document["attr"]
    scale = sight.ground.settings.money_scale if is_money(path) else 1
    wanted = sight.ground.list_value(document.get("value"))
    return compare(sight.attribute(path), document["cmp"], wanted, sight.parameters, scale)


def _history(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    assert past is not None, "a filter has no history"
    number = as_number(document["value"])
    assert number is not None, document
    if document["measure"] == "days_since_last" and document["cmp"] in MIRRORED:
        # So many days ago or more is that day or before it.
        days = floor(number) if document["cmp"] in ("gt", "lte") else ceil(number)
        if days == number or document["cmp"] not in ("eq", "ne"):
            return past.last(document, MIRRORED[document["cmp"]], days)
    limit = sight.parameters.number(whole(number * past.scale(document)))
    return f"({past.raw(document)} {SIGNS[document['cmp']]} {limit})"


def _streak_weeks(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    """The older spelling of a history of the streak in weeks."""
    return _history({**document, "op": "history", "measure": "streak", "window": {"this": "week"}}, sight, past)


def _compare(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    assert past is not None, "a filter has no numbers"
    return compare_numbers(document, sight, past)


def _purchase_number(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    """Without a purchase there is no number of it."""
    return UNKNOWN


def _anniversary(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    """From ``before`` days before the anniversary to ``after`` days after it, both days included (C21)."""
    found = sight.attribute(document.get("attr", "member.birthday")).date()
    if found is None:
        return UNKNOWN
    today = sight.today()
    if today is not None:
        return _near(found, today, int(document["before"]), int(document["after"]), sight)
    before, after = (sight.parameters.add(int(document[name]), "int") for name in ("before", "after"))
    day = sight.day()
    year = f"extract(year FROM {day})::int"
    # The nearest anniversary may be last year's or the next.
    return either(
        *[
            f"({day} - {anniversary(found, f'({year} + {shift})')} BETWEEN -{before} AND {after})"
            for shift in (-1, 0, 1)
        ]
    )


def _near(found: str, today: date, before: int, after: int, sight: Sight) -> str:
    days = birthdays_between(today - timedelta(days=after), today + timedelta(days=before))
    if days is None:
        return f"CASE WHEN {found} IS NOT NULL THEN true END"
    return f"({on_days_of_year(found, days, sight.parameters)})"


def _in_segment(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    return sight.segment(document["segment"])


def _during(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    return during(document["schedule"], sight)


def _true(document: Mapping[str, Any], sight: Sight, past: Past | None) -> str:
    return "true"


LEAVES: dict[str, Callable[[Mapping[str, Any], Sight, Past | None], str]] = {
    "test": _test,
    "history": _history,
    "compare": _compare,
    "purchase_number": _purchase_number,
    "streak_weeks": _streak_weeks,
    "birthday_within": _anniversary,
    "anniversary_within": _anniversary,
    "in_segment": _in_segment,
    "during": _during,
    "true": _true,
}
