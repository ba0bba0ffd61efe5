"""The rules of now with a draft added, and without it. Pure.

What is judged lies in the past, so the dates on which rules begin and end are left aside: a rule in force now counts as
if it had always run, and so does the draft. Weekdays, hours and days of the year stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from programs.promotions.snapshots import FrozenProgram, FrozenRule
from programs.rules import ProgramSettings, RuleSet
from programs.rules.dates import parse_moment
from programs.rules.view import zone

_PERIOD = ("from", "to")


@dataclass(frozen=True, slots=True)
class Contest:
    """Two rule sets that differ in one rule; ``code`` is the draft's, ``rules`` are those with it, by code."""

    code: str
    frozen: FrozenProgram
    live: RuleSet
    drafted: RuleSet
    rules: Mapping[str, FrozenRule]
    documents: Sequence[Mapping[str, Any]]

    @property
    def settings(self) -> ProgramSettings:
        """The settings of the program as they are in force."""
        return self.frozen.settings

    @property
    def replaces(self) -> bool:
        """Whether an earlier version of the promotion runs now: the draft is compared with it."""
        return self.live.rule(self.code) is not None


def timeless(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the dates on which it begins and ends."""
    schedule = {name: value for name, value in document.get("schedule", {}).items() if name not in _PERIOD}
    rest = {name: value for name, value in document.items() if name != "schedule"}
    return {**rest, "schedule": schedule} if schedule else rest


def contest(
    frozen: FrozenProgram, code: str, name: Mapping[str, str], document: Mapping[str, Any], now: datetime
) -> Contest:
    """Set a valid draft of the promotion ``code`` against what runs at ``now``."""
    _ruleset, rules = frozen.at(now)
    running = {
        rule.code: replace(rule, document=timeless(rule.document))
        for rule in rules.values()
        if _is_running(rule.document, frozen.settings, now)
    }
    drafted = FrozenRule(None, code, name, None, None, {**timeless(document), "id": code})
    together = {**running, code: drafted}
    documents = [rule.document for rule in together.values()]
    return Contest(
        code=code,
        frozen=frozen,
        live=RuleSet.build([rule.document for rule in running.values()], frozen.settings),
        drafted=RuleSet.build(documents, frozen.settings),
        rules=together,
        documents=documents,
    )


def _is_running(document: Mapping[str, Any], settings: ProgramSettings, now: datetime) -> bool:
    schedule = document.get("schedule", {})
    here = zone(settings.timezone)
    begins, ends = (parse_moment(schedule[name], here) if name in schedule else None for name in _PERIOD)
    return (begins is None or begins <= now) and (ends is None or now < ends)
