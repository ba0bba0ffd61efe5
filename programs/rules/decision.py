"""Does a rule hold, and if not, why? The reasons of C22 that come from schedule and conditions."""

from __future__ import annotations

from typing import NamedTuple

from programs.rules.comparison import ORDER, as_number
from programs.rules.conditions import Node
from programs.rules.rule import Rule
from programs.rules.state import State

KEEPS_WANTED = ("all", "any", "at_least")


class Shortfall(NamedTuple):
    """Why a rule does not hold.

    :param part: ``audience`` or ``when``, where one of them is not true.
    :param leaf: the first leaf because of which it is not; ``negated`` when the leaf should have been false.
    :param value: of the leaf: true, false, or None for unknown.
    :param is_bare: no line is of those that the leaf counts, so that what it found is always the same.
    """

    reason: str
    part: Node | None = None
    leaf: Node | None = None
    negated: bool = False
    value: bool | None = None
    is_bare: bool = False


OUTSIDE_SCHEDULE = Shortfall("outside_schedule")


def decide(rule: Rule, state: State, *, is_missed: bool = False) -> Shortfall | None:
    """Why the rule does not hold; None when it does.

    :param is_missed: the index left the rule out, so nobody has fetched history for it and none is read; what the
        index found lacking needs no history.
    """
    if rule.is_on is not None and not rule.is_on(state):
        return OUTSIDE_SCHEDULE
    for reason, part, conditions in rule.checks:
        unknown: Node | None = None
        for condition, reads_history, plain in conditions:
            if is_missed and reads_history:
                continue
            value = condition.fn(state, None)
            if value is False:
                return plain or Shortfall(reason, part, *_descend(condition, value, state, wanted=True))
            if value is None and unknown is None:
                unknown = condition
        if unknown is not None:
            return Shortfall("unknown_attribute", part, *_descend(unknown, None, state, wanted=True))
    return None


def lacking(rule: Rule) -> tuple[int | str, Shortfall] | None:
    """What a rule that the index left out is told of first when it is not there, and that shortfall: always the same.

    The number of a slot, without whose lines the rule does not hold, or the code of a segment of which the member must be.
    """
    parts = [
        (reason, part, one) for reason, part, several in rule.checks for one, of_history, _ in several if not of_history
    ]
    reason, part, first = parts[0] if parts else ("", None, None)
    if rule.is_on is not None or first is None:
        return None
    bare = Shortfall(reason, part, first, negated=False, value=False, is_bare=True)
    if first.document["op"] == "in_segment":
        return first.document["segment"], bare
    return (first.slot, bare) if first.slot is not None and not _holds_without_lines(first) else None


def _holds_without_lines(leaf: Node) -> bool:
    number = as_number(leaf.document["value"])
    assert number is not None, leaf.document
    return bool(ORDER[leaf.document["cmp"]](0, number))


def _descend(node: Node, value: bool | None, state: State, *, wanted: bool) -> tuple[Node, bool, bool | None]:
    """Follow the child that keeps ``node`` from being ``wanted``."""
    if not node.children:
        return node, not wanted, value
    child_wanted = wanted if node.document["op"] in KEEPS_WANTED else not wanted
    unknown: Node | None = None
    for child in node.children:
        found = child.fn(state, None)
        if found is None:
            unknown = unknown or child
        elif found is not child_wanted:
            return _descend(child, found, state, wanted=child_wanted)
    if unknown is None:
        return node, not wanted, value
    return _descend(unknown, None, state, wanted=child_wanted)
