"""Measures that start rules when they cross a threshold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from programs.rules.rule import Rule


def crosses(rule: Rule, before: Any, after: Any) -> bool:
    """Whether the measure of a rule's trigger crosses its threshold between two states of the same member.

    Upwards it reaches the threshold, downwards it falls below it. What is not measured at all is zero.
    """
    assert rule.metric is not None, "a rule that waits for a measure names it"
    trigger = rule.document["trigger"]
    threshold = Fraction(Decimal(str(trigger["threshold"])))
    was = (rule.metric.value(before) or 0) >= threshold
    has = (rule.metric.value(after) or 0) >= threshold
    return (has and not was) if trigger.get("direction", "up") == "up" else (was and not has)
