"""Does a rule hold? The reasons of C22 that come from schedule and conditions."""

from __future__ import annotations

from programs.rules.compile import Rule
from programs.rules.conditions import Node
from programs.rules.state import State


def decide(rule: Rule, state: State) -> tuple[str | None, Node | None]:
    """The reason why the rule does not hold, with the condition that is not true; (None, None) when it holds."""
    if rule.is_on is not None and not rule.is_on(state):
        return "outside_schedule", None
    for part, reason in ((rule.audience, "audience_false"), (rule.when, "when_false")):
        if part is not None:
            value = part.fn(state, None)
            if value is not True:
                return ("unknown_attribute" if value is None else reason), part
    return None, None


def reason_of_missed(rule: Rule, state: State) -> tuple[str, Node | None]:
    """The reason of a rule that the index left out, without reading history that nobody has fetched for it."""
    if rule.is_on is not None and not rule.is_on(state):
        return "outside_schedule", None
    parts = (
        (rule.audience, "audience_false", rule.audience_reads_history),
        (rule.when, "when_false", rule.when_reads_history),
    )
    for part, reason, reads_history in parts:
        if part is not None and not reads_history:
            value = part.fn(state, None)
            if value is not True:
                return ("unknown_attribute" if value is None else reason), part
    return ("audience_false" if rule.missed_part == "audience" else "when_false"), None
