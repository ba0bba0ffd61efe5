"""Candidate index: a rule is looked at only when the purchase holds everything that the rule cannot do without.

A set of rules is a number with one bit for each rule, so that a thousand rules are cut down by a dozen operations.
Only what a return cannot bring about is a key: a value that must be there, a time. Never an amount.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeAlias

from programs.rules.conditions import Node
from programs.rules.context import ProgramSettings
from programs.rules.held import FIELDS, KEYED_FIELDS, lookup, spread_out
from programs.rules.state import State
from programs.rules.weekly import ALL_HOURS, HOURS, Validity, hour_of_week, hours_of, validity_of

PURCHASE_KEYS = ("coupons", "partner", "store", "store_group", "region", "channel", "payment")
MEMBER_KEYS = ("tier", "segments")
SEVERAL = ("coupons", "segments")

# Name of the key, the rules that do not need it, and for each value the rules that it is enough for.
Table: TypeAlias = tuple[str, int, dict[str, int]]
# The content of a purchase or member, the rules that do not need it, and those that a value leaves (others for no value).
Ready: TypeAlias = tuple[Callable[[Any], Any], int, Callable[[Any, int], int]]


@dataclass(frozen=True, slots=True)
class Key:
    """One of ``values`` must be there; ``is_exact`` when that is all that the condition asks."""

    name: str
    values: frozenset[str]
    is_exact: bool


@dataclass(slots=True)
class RuleKeys:
    """What one rule cannot do without.

    :param settled: conditions that hold for every candidate, which nobody has to look at again.
    """

    keys: dict[str, Key] = field(default_factory=dict)
    hours: int = ALL_HOURS
    validity: list[Validity] = field(default_factory=list)
    settled: list[Node] = field(default_factory=list)
    schedule_settled: bool = False


def conjuncts(node: Node | None) -> Iterator[Node]:
    """The conditions all of which must hold."""
    if node is None:
        return
    if node.document["op"] == "all":
        for child in node.children:
            yield from conjuncts(child)
    elif node.document["op"] != "true":
        yield node


def rule_keys(
    schedule: Mapping[str, Any] | None,
    parts: Sequence[Node | None],
    lists: Mapping[str, Sequence[Any]],
    settings: ProgramSettings,
) -> RuleKeys:
    """The keys of a rule from its schedule and the conditions that must hold."""
    found = RuleKeys()
    if schedule is not None:
        found.schedule_settled = _add_schedule(found, schedule, settings)
    best: dict[str, Node] = {}
    for part in parts:
        for node in conjuncts(part):
            if node.document["op"] == "during":
                if _add_schedule(found, node.document["schedule"], settings):
                    found.settled.append(node)
                continue
            for key in _keys(node.document, lists):
                present = found.keys.get(key.name)
                if present is None or len(key.values) < len(present.values):
                    found.keys[key.name] = key
                    best[key.name] = node
    found.settled += [node for name, node in best.items() if found.keys[name].is_exact]
    return found


def _add_schedule(found: RuleKeys, schedule: Mapping[str, Any], settings: ProgramSettings) -> bool:
    hours, is_exact = hours_of(schedule)
    found.hours &= hours
    found.validity.append(validity_of(schedule, settings))
    return is_exact


def _keys(condition: Mapping[str, Any], lists: Mapping[str, Sequence[Any]]) -> Iterator[Key]:
    """The keys without which a single condition is not true."""
    kind = condition["op"]
    if kind == "in_segment":
        yield Key("segments", frozenset([condition["segment"]]), True)
    elif kind == "test":
        yield from _test_key(condition, lists)
    elif (kind == "lines" and _needs_a_line(condition)) or kind == "every_line":
        where = condition.get("where")
        for part in _filter_parts(where):
            for key in _test_key(part, lists):
                yield Key(key.name, key.values, key.is_exact and part is where and _needs_only_a_line(condition))


def _filter_parts(where: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    if where is None:
        return
    if where["op"] == "all":
        for child in where["of"]:
            yield from _filter_parts(child)
    elif where["op"] == "test":
        yield where


def _needs_a_line(condition: Mapping[str, Any]) -> bool:
    """Is the condition false when no line matches?"""
    try:
        value = float(condition["value"])
    except ValueError:
        return False
    cmp = condition["cmp"]
    return (cmp in ("gte", "eq") and value > 0) or (cmp == "gt" and value >= 0)


def _needs_only_a_line(condition: Mapping[str, Any]) -> bool:
    """Is the condition true as soon as a line matches?"""
    if condition["op"] != "lines" or condition["measure"] not in ("lines", "units"):
        return False
    value = float(condition["value"])
    return (condition["cmp"] == "gte" and 0 < value <= 1) or (condition["cmp"] == "gt" and value == 0)


def _test_key(condition: Mapping[str, Any], lists: Mapping[str, Sequence[Any]]) -> Iterator[Key]:
    entity, _, name = condition["attr"].partition(".")
    known = {"line": KEYED_FIELDS, "txn": PURCHASE_KEYS, "member": MEMBER_KEYS}.get(entity, ())
    cmp, value = condition["cmp"], condition.get("value")
    if name not in known or cmp not in ("eq", "in", "overlaps", "contains_all"):
        return
    if isinstance(value, Mapping):
        value = lists.get(value.get("list", ""), ())
    values: list[Any] = [value] if cmp == "eq" else list(value or ())
    is_exact = cmp != "contains_all" or len(values) == 1
    if cmp == "contains_all":
        values = values[:1]
    if values and all(isinstance(one, str) for one in values):
        yield Key(name, frozenset(values), is_exact)


class Index:
    """Rules of one trigger by what they need. A set of rules is a number with bit ``n`` for the rule ``n``.

    Lines are looked up once for both: the rules that they are enough for, and the predicates of ``asked`` (by field and
    value) that they are of.
    """

    __slots__ = ("_hours", "_lines", "_member", "_moments", "_purchase", "_valid", "everything")

    def __init__(self, rules: Sequence[RuleKeys], asked: Mapping[str, Mapping[Any, Sequence[int]]]) -> None:
        self.everything = (1 << len(rules)) - 1
        self._purchase = self._split(PURCHASE_KEYS, rules)
        self._member = self._split(MEMBER_KEYS, rules)
        self._lines = [
            (name, FIELDS[name], others, lookup(name, table, asked.get(name, {})))
            for name, others, table in _tables(KEYED_FIELDS, rules, self.everything)
        ]
        self._hours = _hour_sets(rules)
        self._moments, self._valid = _validity_sets(rules)

    def _split(self, names: Sequence[str], rules: Sequence[RuleKeys]) -> tuple[list[Ready], list[Ready]]:
        """What keys with one value ask, and those with several."""
        tables = _tables(names, rules, self.everything)
        ready = {
            name: (attrgetter(name), others, {value: others | rules for value, rules in table.items()}.get)
            for name, others, table in tables
        }
        return (
            [one for name, one in ready.items() if name not in SEVERAL],
            [one for name, one in ready.items() if name in SEVERAL],
        )

    def _held(self, asked: tuple[list[Ready], list[Ready]], holder: Any) -> int:
        """The rules for which a purchase or a member, or none, holds what they need of it."""
        one, several = asked
        found = self.everything
        if holder is None:
            for _, others, _ in (*one, *several):
                found &= others
            return found
        for content, others, rules_of in one:
            found &= rules_of(content(holder), others)
        for content, others, rules_of in several:
            hits = others
            for value in content(holder):
                hits |= rules_of(value, others)
            found &= hits
        return found

    def on_at(self, state: State) -> int:
        """The rules whose schedule can be on."""
        found = self.everything
        if self._valid:
            found = self._valid[bisect_right(self._moments, state.at)]
        if self._hours:
            found &= self._hours[hour_of_week(state.shop_clock())]
        return found

    def candidates(self, state: State) -> int:
        """The rules that can be true."""
        found = self.on_at(state)
        found &= self._held(self._purchase, state.purchase) & self._held(self._member, state.context.member)
        lines = state.lines
        for name, content, others, held in self._lines:
            found &= others | spread_out(map(held, map(content, lines)), state.spread_by(name))
        return found


def _tables(names: Sequence[str], rules: Sequence[RuleKeys], everything: int) -> list[Table]:
    tables: list[Table] = []
    for name in names:
        others = everything
        table: dict[str, int] = {}
        for position, rule in enumerate(rules):
            key = rule.keys.get(name)
            if key is not None:
                others &= ~(1 << position)
                for value in key.values:
                    table[value] = table.get(value, 0) | 1 << position
        if table:
            tables.append((name, others, table))
    return tables


def _hour_sets(rules: Sequence[RuleKeys]) -> list[int]:
    """The rules that can be on, for each hour of the week; nothing when all always can."""
    by_pattern: dict[int, int] = {}
    for position, rule in enumerate(rules):
        by_pattern[rule.hours] = by_pattern.get(rule.hours, 0) | 1 << position
    if set(by_pattern) <= {ALL_HOURS}:
        return []
    return [sum(found for hours, found in by_pattern.items() if hours >> hour & 1) for hour in range(HOURS)]


def _validity_sets(rules: Sequence[RuleKeys]) -> tuple[list[datetime], list[int]]:
    """Instants at which a rule starts or ends, and the rules that are valid before, between and after them."""
    valid = 0
    changes: dict[datetime, int] = {}
    for position, rule in enumerate(rules):
        start = max((start for start, _ in rule.validity if start is not None), default=None)
        end = min((end for _, end in rule.validity if end is not None), default=None)
        if start is None:
            valid |= 1 << position
        if start is not None and end is not None and end <= start:
            continue
        for moment in (start, end):
            if moment is not None:
                changes[moment] = changes.get(moment, 0) ^ 1 << position
    if valid == (1 << len(rules)) - 1 and not changes:
        return [], []
    moments = sorted(changes)
    sets = [valid]
    for moment in moments:
        sets.append(sets[-1] ^ changes[moment])
    return moments, sets
