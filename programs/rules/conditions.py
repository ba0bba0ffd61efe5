"""Conditions compiled to closures in three-valued logic: true, false, None for unknown (C14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from programs.rules import dates
from programs.rules.arithmetic import compile_number
from programs.rules.attributes import attribute
from programs.rules.comparison import ORDER, as_number, compile_test
from programs.rules.compiler import Compiler
from programs.rules.context import Line
from programs.rules.history import VALUES, values_of
from programs.rules.money import whole
from programs.rules.view import UNITS, Truth


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled condition.

    :param fn: the closure over (view, line).
    :param actual: for a leaf, what was found, as JSON data.
    :param slot: of a leaf that counts the lines of a slot, where they are found by their values.
    :param said: what was said of it before, remembered by whoever says it: it is the same for many purchases.
    """

    document: Mapping[str, Any]
    fn: Truth
    children: tuple[Node, ...] = ()
    actual: Callable[[Any], Any] | None = None
    path: str = ""
    slot: int | None = None
    said: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)


def reads_history(document: Any) -> bool:
    """Does a condition, or a number in it, ask for the history or for the number of the purchase?"""
    if not isinstance(document, Mapping):
        return False
    if document.get("op") in ("history", "streak_weeks", "purchase_number"):
        return True
    parts = [*document.get("of", ()), document.get("left"), document.get("right")]
    return any(reads_history(part) for part in parts)


Compile = Callable[[Compiler, Mapping[str, Any], str], Node]


def compile_condition(compiler: Compiler, document: Mapping[str, Any], path: str = "") -> Node:
    """Compile a condition; ``path`` is where it stands in the rule."""
    return COMPILERS[document["op"]](compiler, document, path)


def line_slot(compiler: Compiler, where: Mapping[str, Any] | None) -> int | None:
    """The slot of a line predicate, one per structure, so that an evaluation computes each only once."""
    if where is None or where["op"] == "true":
        return None
    return compiler.slot(where, lambda: compile_condition(compiler, where).fn)


def _children(compiler: Compiler, document: Mapping[str, Any], path: str) -> tuple[Node, ...]:
    return tuple(compile_condition(compiler, child, f"{path}/of/{index}") for index, child in enumerate(document["of"]))


def _all(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    children = _children(compiler, document, path)
    functions = tuple(child.fn for child in children)

    def fn(view: Any, line: Line | None) -> bool | None:
        result: bool | None = True
        for function in functions:
            value = function(view, line)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return Node(document, functions[0] if len(functions) == 1 else fn, children, path=path)


def _any_of(functions: Sequence[Truth]) -> Truth:
    def fn(view: Any, line: Line | None) -> bool | None:
        result: bool | None = False
        for function in functions:
            value = function(view, line)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return fn


def _any(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    children = _children(compiler, document, path)
    return Node(document, _any_of([child.fn for child in children]), children, path=path)


def _none(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    """``none`` of several, or ``not`` of one (of several: not all of them)."""
    if document["op"] == "not":
        inner = _all(compiler, document, path)
        children, positive = inner.children, inner.fn
    else:
        children = _children(compiler, document, path)
        positive = _any_of([child.fn for child in children])

    def fn(view: Any, line: Line | None) -> bool | None:
        value = positive(view, line)
        return None if value is None else not value

    return Node(document, fn, children, path=path)


def _at_least(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    """True when n are true; false when too few can still become true; else unknown."""
    children = _children(compiler, document, path)
    functions, wanted = tuple(child.fn for child in children), int(document["n"])

    def fn(view: Any, line: Line | None) -> bool | None:
        values = [function(view, line) for function in functions]
        if values.count(True) >= wanted:
            return True
        return False if values.count(True) + values.count(None) < wanted else None

    return Node(document, fn, children, path=path)


def _test(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    found = attribute(document["attr"])
    compiler.reads(document["attr"])
    value = compiler.list_value(document.get("value"))
    fn = compile_test(found, document["cmp"], value, compiler.settings.money_scale)
    return Node(document, fn, actual=lambda view: compiler.shown(found, found.get(view, None)), path=path)


def _lines(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    slot = line_slot(compiler, document.get("where"))
    measure = line_measure(compiler, document["measure"], slot)
    is_money = document["measure"] == "amount"
    number = as_number(document["value"])
    assert number is not None, document
    compare = ORDER[document["cmp"]]
    limit = whole(number * compiler.settings.money_scale) if is_money else number

    def fn(view: Any, line: Line | None) -> bool | None:
        return compare(measure(view), limit)

    keyed = slot if slot is not None and compiler.slots[slot].field is not None else None
    return Node(
        document, fn, actual=lambda view: compiler.shown_number(measure(view), is_money), path=path, slot=keyed,
    )  # fmt: skip


def line_measure(compiler: Compiler, measure: str, slot: int | None) -> Callable[[Any], int]:
    """Lines, units, amount (minor units) or different values over the lines of a slot."""

    def chosen(view: Any) -> list[Line]:
        lines: tuple[Line, ...] = view.lines
        return list(lines) if slot is None else [lines[position] for position in view.matching(slot)]

    if measure == "lines":
        return lambda view: len(view.lines) if slot is None else len(view.matching(slot))
    if measure in ("units", "amount"):
        basis = UNITS if measure == "units" else "paid"
        return lambda view: view.basis(slot, basis)[2]  # type: ignore[no-any-return]
    compiler.reads(f"line.{measure.partition(':')[2]}")
    counted = attribute(f"line.{measure.partition(':')[2]}")
    return lambda view: len(values_of(counted, view, tuple(chosen(view))))


def _every_line(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    slot = line_slot(compiler, document["where"])

    def fn(view: Any, line: Line | None) -> bool | None:
        if not view.lines:
            return False
        return slot is None or len(view.matching(slot)) == len(view.lines)

    def matching(view: Any) -> int:
        return len(view.lines) if slot is None else len(view.matching(slot))

    return Node(document, fn, actual=matching, path=path)


def _history(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    spec = compiler.history_spec(document, lambda where: compile_condition(compiler, where).fn)
    number = as_number(document["value"])
    assert number is not None, document
    compare, limit = ORDER[document["cmp"]], whole(number * spec.scale)

    value_of = VALUES[spec.measure]

    def fn(view: Any, line: Line | None) -> bool | None:
        raw = value_of(spec, view, view.history_base(spec))
        return None if raw is None else compare(raw, limit)

    return Node(document, fn, actual=lambda view: compiler.shown_exact(spec.value(view)), path=path)


def _compare(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    def condition(where: Mapping[str, Any]) -> Truth:
        return compile_condition(compiler, where).fn

    left = compile_number(compiler, document["left"], condition)
    right = compile_number(compiler, document["right"], condition)
    compare = ORDER[document["cmp"]]

    def fn(view: Any, line: Line | None) -> bool | None:
        first, second = left(view), right(view)
        return None if first is None or second is None else compare(first, second)

    def actual(view: Any) -> Any:
        return {"left": compiler.shown_exact(left(view)), "right": compiler.shown_exact(right(view))}

    return Node(document, fn, actual=actual, path=path)


def _purchase_number(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    compiler.needs_purchase_count()
    every = document.get("every") or 1
    value = document.get("value")

    def is_one_of_every(view: Any, line: Line | None) -> bool | None:
        number = view.memo.get("number") or view.purchase_number()
        return None if number is None else number % every == 0

    if "cmp" not in document:
        return Node(document, is_one_of_every, actual=lambda view: view.purchase_number(), path=path)
    compare = ORDER[document["cmp"]]

    def fn(view: Any, line: Line | None) -> bool | None:
        number = view.memo.get("number") or view.purchase_number()
        return None if number is None else compare(number, value) and number % every == 0

    return Node(document, fn, actual=lambda view: view.purchase_number(), path=path)


def _streak_weeks(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    """The older spelling of a history of the streak in weeks."""
    history = {"op": "history", "measure": "streak", "window": {"this": "week"}}
    node = _history(compiler, {**history, "cmp": document["cmp"], "value": document["value"]}, path)
    return Node(document, node.fn, actual=node.actual, path=path)


def _anniversary(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    """True from ``before`` days before the anniversary to ``after`` days after it, both days included (C21)."""
    name = document.get("attr", "member.birthday")
    compiler.reads(name)
    found = attribute(name)
    before, after = int(document["before"]), int(document["after"])

    def fn(view: Any, line: Line | None) -> bool | None:
        value = found.get(view, line)
        if value is None:
            return None
        try:
            day = value if isinstance(value, date) else dates.parse_date(str(value))
        except ValueError:
            return None  # a declared text that is no day is as good as missing
        today = view.shop_time().date()
        for year in (today.year - 1, today.year, today.year + 1):
            if -before <= (today - dates.anniversary(day, year)).days <= after:
                return True
        return False

    return Node(document, fn, actual=lambda view: compiler.shown(found, found.get(view, None)), path=path)


def _in_segment(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    segment = document["segment"]
    compiler.reads(f"segment:{segment}")
    return Node(document, lambda view, line: segment in view.context.member.segments, path=path)


def _during(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    is_on = compiler.schedule(document["schedule"])
    actual: Callable[[Any], Any] = lambda view: view.shop_time().isoformat(timespec="minutes")  # noqa: E731
    return Node(document, lambda view, line: is_on(view), actual=actual, path=path)


def _true(compiler: Compiler, document: Mapping[str, Any], path: str) -> Node:
    return Node(document, lambda view, line: True, path=path)


COMPILERS: dict[str, Compile] = {
    "all": _all,
    "any": _any,
    "none": _none,
    "not": _none,
    "at_least": _at_least,
    "test": _test,
    "lines": _lines,
    "every_line": _every_line,
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
